import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const root = join(import.meta.dirname, "..");

// Where the licence of a package stands that has no file for it.
const elsewhere = {
  // The first half of it is Apache-2.0, and stands in our own file of that licence.
  "@bufbuild/protobuf": (folder) => `${apache()}\n${comment(read(folder, "dist/esm/wire/varint.js"))}`,
  "@google-cloud/pubsub-api": apache,
  "data-uri-to-buffer": (folder) => /^License\n-+\n(.*?)^\[/ms.exec(read(folder, "README.md"))?.[1],
};

/**
 * The licences of all packages that files are from, as one text: each licence below the names and versions of the packages
 * that come with it. The files are paths in the repository, as esbuild's metafile names its inputs. Throws when a package has none.
 */
export function thirdPartyLicenses(files) {
  const packages = new Map();
  for (const folder of new Set([...files].map(packageFolder).filter((folder) => folder !== undefined))) {
    const { title, text } = licenceOf(folder);
    packages.set(text, (packages.get(text) ?? new Set()).add(title));
  }
  const sections = [...packages].map(([text, titles]) => `${[...titles].sort().join("\n")}\n\n${text}\n`);
  return sections.sort().join(`\n${"-".repeat(80)}\n\n`);
}

/** The folder of the package that a file is from; of our own files there is none. */
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

/** The text of the comment that a file begins with. */
function comment(text) {
  return /^(\/\/.*\n)+/.exec(text)?.[0].replace(/^\/\/ ?/gm, "");
}
