/** The section of a changelog under a version, without its heading; undefined where there is none or nothing in it. */
export function changesOf(changelog, version) {
  const [, ...sections] = changelog.split(/^## /m);
  const section = sections.find((text) => /^[^\s]+/.exec(text)?.[0].replace(/[[\]]/g, "") === version);
  return section?.replace(/^.*\n/, "").trim() || undefined;
}
