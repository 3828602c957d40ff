// Byte-compile the modules of archives by Pyodide's own Python, so that a page need not: node compile.mjs PYODIDE IN OUT
import { readFileSync, writeFileSync, readdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";

const [runtime, source, target] = process.argv.slice(2).map((folder) => resolve(folder));
const { loadPyodide } = await import(pathToFileURL(join(runtime, "pyodide.mjs")));
const pyodide = await loadPyodide({ indexURL: runtime + "/" });
const compile = pyodide.runPython(`
import importlib._bootstrap_external as bootstrap, importlib.util, zipfile

def compile_archive():
    with zipfile.ZipFile("/old.zip") as old, zipfile.ZipFile("/new.zip", "w", zipfile.ZIP_DEFLATED) as new:
        for item in old.infolist():
            content = old.read(item)
            new.writestr(zipfile.ZipInfo(item.filename), content, zipfile.ZIP_DEFLATED)
            if not item.filename.endswith(".py"):
                continue
            folder, _, file = item.filename.rpartition("/")
            path = f"{folder}/__pycache__/{file[:-3]}.cpython-312.pyc".lstrip("/")
            try:
                code = compile(content, item.filename, "exec", dont_inherit=True, optimize=0)
            except SyntaxError:  # of a newer Python; nobody imports it here
                continue
            hashed = importlib.util.source_hash(content)
            found = bootstrap._code_to_hash_pyc(code, hashed, checked=False)
            new.writestr(zipfile.ZipInfo(path), bytes(found), zipfile.ZIP_DEFLATED)

compile_archive
`);
for (const name of readdirSync(source).filter((each) => each.endsWith(".zip")).sort()) {
  pyodide.FS.writeFile("/old.zip", new Uint8Array(readFileSync(join(source, name))));
  compile();
  writeFileSync(join(target, name), pyodide.FS.readFile("/new.zip"));
}
