// The license text of every package that the bundle carries.

import { readFile, readdir } from "node:fs/promises";
import { join } from "node:path";

const RULE = "=".repeat(100);
const TEXT = /^(licen[cs]e|notice|third-?party)/i;

// Packages that leave their license text to another package of the same authors.
const FAMILY = {
  "@graphiql/plugin-doc-explorer": "graphiql",
  "@graphiql/plugin-history": "graphiql",
  "react-compiler-runtime": "react",
  "react-remove-scroll-bar": "react-remove-scroll",
};

/**
 * The text of all notices for the packages that `inputs` (paths below `root`) came from, and the comments that single
 * files ask to keep: a package may hold a file of somebody else's that its own list does not name.
 */
export async function notices(root, inputs, comments) {
  const folders = new Set(inputs.map((input) => /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(input)?.[1]));
  folders.delete(undefined);
  const packages = await Promise.all([...folders].sort().map((folder) => read(root, folder)));
  const sections = packages.map((one) => {
    const family = packages.find((other) => other.name === FAMILY[one.name]);
    const text = one.text || (family?.text && `(the text of ${family.name}, by the same authors)\n\n${family.text}`);
    if (!text) throw new Error(`${one.name} ${one.version} carries no license text: name its family in notices.mjs.`);
    return `${RULE}\n${one.name} ${one.version} (${one.license})\n${RULE}\n\n${text}\n`;
  });
  const kept = `${RULE}\nComments in single files\n${RULE}\n\n${comments.map((text) => text.trim()).join("\n\n")}\n`;
  return `The explorer's files contain the following packages.\n\n${[...sections, kept].join("\n")}`;
}

async function read(root, folder) {
  const { name, version, license } = JSON.parse(await readFile(join(root, folder, "package.json"), "utf8"));
  const files = (await readdir(join(root, folder))).filter((file) => TEXT.test(file)).sort();
  const texts = await Promise.all(files.map((file) => readFile(join(root, folder, file), "utf8")));
  return { name, version, license, text: texts.join("\n\n").trim() };
}
