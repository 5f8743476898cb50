import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const root = join(import.meta.dirname, "..");

// Sources of licences for packages without a licence file.
const elsewhere = {
  // Its first half is Apache-2.0, which is in our own licence file.
  "@bufbuild/protobuf": (folder) => `${apache()}\n${comment(read(folder, "dist/esm/wire/varint.js"))}`,
  "@google-cloud/pubsub-api": apache,
  "data-uri-to-buffer": (folder) => /^License\n-+\n(.*?)^\[/ms.exec(read(folder, "README.md"))?.[1],
};

/**
 * Collects the licences of all packages that files come from, as one text: each licence under the names and versions of
 * its packages. `files` are paths in the repository, as in esbuild's metafile. Throws if a package has no licence.
 */
export function thirdPartyLicenses(files) {
  const packages = new Map();
  for (const folder of packageFolders(files)) {
    const { title, text } = licenceOf(folder);
    packages.set(text, (packages.get(text) ?? new Set()).add(title));
  }
  const sections = [...packages].map(([text, titles]) => `${[...titles].sort().join("\n")}\n\n${text}\n`);
  return sections.sort().join(`\n${"-".repeat(80)}\n\n`);
}

/** Returns the folders of the packages that files are from, each once; our own files are from none. */
export function packageFolders(files) {
  return new Set([...files].map(packageFolder).filter((folder) => folder !== undefined));
}

function packageFolder(file) {
  return /^.*(?:^|\/)node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file)?.[0];
}

function licenceOf(folder) {
  const { name, version, license } = JSON.parse(read(folder, "package.json"));
  const files = readdirSync(join(root, folder)).filter((file) => /^(licen[cs]e|copying|notice)([.-]|$)/i.test(file));
  const texts = files.length > 0 ? files.map((file) => read(folder, file)) : [elsewhere[name]?.(folder)];
  if (!texts.every((text) => text?.trim()))
    throw new Error(`${folder} comes without the text of its licence, ${license}`);
  return {
    title: `${name} ${version}: ${license}`,
    text: texts.map((text) => text.replace(/^\s*\n|\s+$/g, "")).join("\n\n"),
  };
}

function read(folder, file) {
  return readFileSync(join(root, folder, file), "utf8").replaceAll("\r\n", "\n");
}

function apache() {
  return read(".", "LICENSE");
}

/** Returns the text of the first comment of a file. */
function comment(text) {
  return /^(\/\/.*\n)+/.exec(text)?.[0].replace(/^\/\/ ?/gm, "");
}
