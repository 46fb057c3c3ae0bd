// Bundles modules.js into static/vendor/prosemirror.js, with the licences of all that is in it,
// and writes versions and checksum into the manifest. Run by `make editor`.

import { createHash } from "node:crypto";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";

const NAME = "prosemirror";
const vendor = join(import.meta.dirname, "..", "static", "vendor");
const read = (...path) => readFileSync(join(...path), "utf8");

const { metafile } = await build({
  entryPoints: [join(import.meta.dirname, "modules.js")],
  outfile: join(vendor, `${NAME}.js`),
  bundle: true,
  format: "esm",
  minify: true,
  target: "es2022",
  legalComments: "none",
  metafile: true,
});

const folders = Object.keys(metafile.inputs)
  .map((path) => path.match(/node_modules\/(?:@[^/]+\/)?[^/]+/)?.[0])
  .filter(Boolean);
const packages = [...new Set(folders)].sort().map((folder) => {
  const home = join(import.meta.dirname, folder);
  const { name, version, license } = JSON.parse(read(home, "package.json"));
  const file = readdirSync(home).find((each) => /^licen[cs]e/i.test(each));
  return { name, version, license, words: read(home, file).trim() };
});
const licences = packages.map(({ name, version, words }) => `${name} ${version}\n\n${words}\n`);
writeFileSync(join(vendor, `${NAME}.LICENSE`), licences.join(`\n${"-".repeat(78)}\n\n`));

const manifest = JSON.parse(read(vendor, "MANIFEST.json"));
manifest[`${NAME}.js`] = {
  package: "prosemirror-view, markdown-it and what belongs to them",
  version: Object.fromEntries(packages.map(({ name, version }) => [name, version])),
  from: "editor/modules.js, by `make editor`",
  changed: "bundled and minified",
  licence: [...new Set(packages.map(({ license }) => license))].join(", "),
  licence_file: `${NAME}.LICENSE`,
  sha256: createHash("sha256").update(readFileSync(join(vendor, `${NAME}.js`))).digest("hex"),
  used_in: "static/js/admin/visual/schema.js",
};
writeFileSync(join(vendor, "MANIFEST.json"), `${JSON.stringify(manifest, null, 2)}\n`);
