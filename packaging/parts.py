"""What the program is made of: parts.py FOLDER [options of `cargo metadata`]

Writes `licences.txt`, the licence of every crate that is linked, with its text as the crate ships it, and `bom.json`, the
same crates as a CycloneDX 1.5 list. Only what is linked counts: no tests, no macros, no build scripts, no other systems.
"""

import hashlib
import json
import pathlib
import subprocess
import sys

TEXTS = ("LICENSE*", "LICENCE*", "COPYING*", "COPYRIGHT*", "NOTICE*", "UNLICENSE*")


def linked(metadata):
    """The crates that the program links, itself apart."""
    is_macro = lambda package: any("proc-macro" in target["kind"] for target in package["targets"])
    packages = {package["id"]: package for package in metadata["packages"]}
    nodes = {node["id"]: node for node in metadata["resolve"]["nodes"]}
    root = metadata["resolve"]["root"]
    found, waiting = set(), [root]
    while waiting:
        node = nodes[waiting.pop()]
        for dep in node["deps"]:
            is_linked = any(kind["kind"] is None for kind in dep["dep_kinds"])
            if is_linked and dep["pkg"] not in found and not is_macro(packages[dep["pkg"]]):
                found.add(dep["pkg"])
                waiting.append(dep["pkg"])
    return sorted((packages[it] for it in found), key=lambda it: (it["name"], it["version"]))


def licence(package):
    return package["license"] or "see its text"


def texts(package):
    folder = pathlib.Path(package["manifest_path"]).parent
    files = sorted({file for pattern in TEXTS for file in folder.glob(pattern) if file.is_file()})
    return [file.read_text(errors="replace").strip() for file in files]


def licences(packages):
    by_text = {}
    lines = ["The parts of ECG Panorama and their licences, as their authors state them.", ""]
    for package in packages:
        lines.append(f"{package['name']} {package['version']}: {licence(package)}")
        for text in texts(package):
            key = hashlib.sha256("".join(text.split()).encode()).digest()
            by_text.setdefault(key, (text, []))[1].append(f"{package['name']} {package['version']}")
    for text, users in by_text.values():
        lines += ["", "=" * 80, "Used by " + ", ".join(users), "", text]
    return "\n".join(lines) + "\n"


def bom(packages, version):
    component = lambda name, version, kind, **more: {"type": kind, "name": name, "version": version, **more}
    parts = [
        component(
            it["name"],
            it["version"],
            "library",
            purl=f"pkg:cargo/{it['name']}@{it['version']}",
            licenses=[{"expression": licence(it).replace("/", " OR ")}] if it["license"] else [],
        )
        for it in packages
    ]
    about = {"component": component("ecg-panorama", version, "application")}
    return {"bomFormat": "CycloneDX", "specVersion": "1.5", "version": 1, "metadata": about, "components": parts}


def main():
    folder, options = pathlib.Path(sys.argv[1]), sys.argv[2:]
    host = next(line.split()[1] for line in run("rustc", "-vV").splitlines() if line.startswith("host"))
    metadata = json.loads(run("cargo", "metadata", "--format-version", "1", "--filter-platform", host, *options))
    packages = linked(metadata)
    own = next(it for it in metadata["packages"] if it["id"] == metadata["resolve"]["root"])
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "licences.txt").write_text(licences(packages))
    (folder / "bom.json").write_text(json.dumps(bom(packages, own["version"]), indent=1) + "\n")
    without = [it["name"] for it in packages if not it["license"] and not texts(it)]
    if without:
        sys.exit(f"no licence is stated by {', '.join(without)}")
    print(f"{len(packages)} crates")


def run(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


if __name__ == "__main__":
    main()
