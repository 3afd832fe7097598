// Copies the browser libraries that package-lock.json pins into webapp/static/vendor/<package>/ (git-ignored).
import { copyFileSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, "..", "..");
const target = join(root, "webapp", "static", "vendor");
const files = JSON.parse(readFileSync(join(here, "vendor.json"), "utf8"));

rmSync(target, { recursive: true, force: true });
for (const source of files) {
  const folder = join(target, source.split("/")[0]);
  mkdirSync(folder, { recursive: true });
  copyFileSync(join(root, "node_modules", source), join(folder, basename(source)));
}
console.log(`${files.length} files in webapp/static/vendor`);
