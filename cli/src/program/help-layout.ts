import { Help, type HelpConfiguration } from "commander";

/** Layout of every help: the commands, by their names, stand before the options, and global options at the end. */
export const helpLayout: HelpConfiguration = {
  showGlobalOptions: true,
  subcommandTerm: (command) => command.name(),
  formatHelp: (command, helper) => {
    const text = Help.prototype.formatHelp.call(helper, command, helper);
    const [section, commands] = /\n(Commands:\n(?: .*\n)+)/.exec(text) ?? [];
    if (section === undefined) return text;
    return text.replace(section, "").replace("Options:\n", `${commands}\nOptions:\n`);
  },
};
