// The Python of a page, in a worker: it loads Pyodide and NumpyBrain, and runs cells one after the other.
/* global loadPyodide, importScripts */

const RUN = `
import ast, base64, builtins, io, logging, os, sys, traceback

os.environ["MPLBACKEND"] = "agg"
logging.getLogger("matplotlib.font_manager").setLevel(logging.ERROR)  # which says that it makes a cache
sys.path.insert(0, "/packages")
space = {"__name__": "__main__", "__builtins__": builtins}

def figures():
    if "matplotlib.pyplot" not in sys.modules:
        return []
    plt, found = sys.modules["matplotlib.pyplot"], []
    for number in plt.get_fignums():
        made = io.BytesIO()
        plt.figure(number).savefig(made, format="png", dpi=110, bbox_inches="tight")
        found.append(base64.b64encode(made.getvalue()).decode())
    plt.close("all")
    return found

def run(source, values):
    space.update(values.to_py() if hasattr(values, "to_py") else values)
    try:
        for node in ast.parse(source, "<cell>").body:
            if isinstance(node, ast.Expr):
                exec(compile(ast.Interactive([node]), "<cell>", "single"), space)
            else:
                exec(compile(ast.Module([node], []), "<cell>", "exec"), space)
    except BaseException as error:
        frames = [f for f in traceback.extract_tb(error.__traceback__) if f.filename == "<cell>"]
        where = f"line {frames[-1].lineno}: " if frames else ""
        if isinstance(error, SyntaxError):
            return where + "".join(traceback.format_exception_only(error)), figures()
        return f"{where}{type(error).__name__}: {error}", figures()
    return "", figures()

run
`;

let ready = null;
let lines = [];

async function start({ runtime, integrity, archives }) {
  const options = integrity ? { integrity } : {};
  const script = await fetch(runtime + "pyodide.js", options);
  importScripts(URL.createObjectURL(new Blob([await script.text()], { type: "text/javascript" })));
  const pyodide = await loadPyodide({ indexURL: runtime });
  const write = (text) => lines.push(text);
  pyodide.setStdout({ batched: write });
  pyodide.setStderr({ batched: write });
  const fetched = archives.map(async ({ url, integrity: hash }) => (await fetch(url, { integrity: hash })).arrayBuffer());
  await pyodide.loadPackage("numpy", { messageCallback: () => {} });
  for (const data of await Promise.all(fetched)) {
    pyodide.unpackArchive(data, "zip", { extractDir: "/packages" });
  }
  const run = pyodide.runPython(RUN);
  pyodide.runPython("import numpybrain");
  return { pyodide, run };
}

async function handle({ id, code, values, settings }) {
  ready = ready || start(settings);
  const { pyodide, run } = await ready;
  if (/matplotlib|plot|explore/.test(code)) {
    await pyodide.loadPackage("matplotlib", { messageCallback: () => {} });
  }
  lines = [];
  const before = performance.now();
  const made = run(code, pyodide.toPy(values || {}));
  const [error, pictures] = made.toJs();
  made.destroy();
  postMessage({ id, text: lines.join("\n"), error, pictures, seconds: (performance.now() - before) / 1000 });
}

let queue = Promise.resolve();
onmessage = ({ data }) => {
  queue = queue
    .then(() => handle(data))
    .catch((error) => postMessage({ id: data.id, text: "", error: String(error), pictures: [], seconds: 0 }));
};
