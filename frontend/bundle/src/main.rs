//! Turns the compiled board into the folder a server embeds: `bundle FRONTEND MODULE OUT [--optimize]`.
//!
//! `OUT` gets `index.html` and `assets/<hash>/`, where the hash covers every byte below it: all under
//! `assets/` may be cached for good. A bundle equal to the one that stands is left untouched, so that
//! nothing downstream is built again.

#![expect(clippy::print_stdout, reason = "the words of a command on a terminal")]

mod split;
mod spoken;

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};
use sha2::{Digest, Sha256};
use wasm_bindgen_cli_support::Bindgen;

fn main() -> Result<()> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let (paths, optimize) = match args.as_slice() {
        [paths @ .., flag] if flag == "--optimize" => (paths, true),
        paths => (paths, false),
    };
    let [frontend, module, out] = paths else {
        bail!("usage: bundle FRONTEND MODULE OUT [--optimize]");
    };
    bundle(Path::new(frontend), Path::new(module), Path::new(out), optimize)
}

fn bundle(frontend: &Path, module: &Path, out: &Path, optimize: bool) -> Result<()> {
    let fresh = out.with_extension("new");
    remove(&fresh)?;
    let files = fresh.join("files");
    fs::create_dir_all(&files).with_context(|| format!("{}", files.display()))?;

    let parts = fresh.join("parts");
    let main = split::split(module, &parts, &files)?;
    bindings(&main, &files, optimize)?;
    remove(&parts)?;
    if optimize {
        let ending = |path: &PathBuf| path.extension() == Some(OsStr::new("wasm"));
        for wasm in sorted(&files)?.iter().filter(|path| ending(path)) {
            shrink(frontend, wasm)?;
        }
    }
    copy_dir(&frontend.join("static"), &files)?;
    let book = words::load(&frontend.join("../assets/words"))?;
    let script = files.join("theme.js");
    fs::write(&script, spoken::script(&fs::read_to_string(&script)?, &book))?;
    let uplot = frontend.join("node_modules/uplot/dist");
    copy(&uplot.join("uPlot.iife.min.js"), &files.join("uplot.js"))?;
    fs::write(
        files.join("board.css"),
        stylesheet(frontend, &uplot)? + &spoken::styles(&book),
    )?;
    for (name, file) in [
        (
            "inter",
            "@fontsource-variable/inter/files/inter-latin-wght-normal.woff2",
        ),
        // in one weight, which takes half the bytes: it is for code and numbers
        (
            "jetbrains-mono",
            "@fontsource/jetbrains-mono/files/jetbrains-mono-latin-400-normal.woff2",
        ),
    ] {
        let file = frontend.join("node_modules").join(file);
        copy(&file, &files.join(format!("{name}.woff2")))?;
    }
    fs::write(files.join("licences.txt"), licences(frontend)?)?;

    let hash = content_hash(&files)?;
    let page = frontend.join("index.html");
    let index = fs::read_to_string(&page).with_context(|| format!("{}", page.display()))?;
    let index = spoken::page(&index, &book).replace("{{assets}}", &format!("/assets/{hash}"));
    if optimize {
        squeeze(frontend, &files)?;
    }
    report(&files)?;

    let stands = out.join("assets").join(&hash).is_dir()
        && fs::read_to_string(out.join("index.html")).is_ok_and(|old| old == index);
    if stands {
        println!("bundle: unchanged, {}", out.display());
        return remove(&fresh);
    }
    let assets = fresh.join("assets");
    fs::create_dir(&assets)?;
    fs::rename(&files, assets.join(&hash))?;
    fs::write(fresh.join("index.html"), index)?;
    remove(out)?;
    fs::rename(&fresh, out)?;
    println!("bundle: written to {}", out.display());
    Ok(())
}

/// Writes `board.js`, `board_bg.wasm` and the `snippets/` folder of inline JavaScript, if any.
fn bindings(module: &Path, files: &Path, optimize: bool) -> Result<()> {
    let mut bindgen = Bindgen::new();
    bindgen
        .input_path(module)
        .out_name("board")
        .web(true)?
        .typescript(false)
        // the parts are bound to the table of functions and the stack by their linker's names
        .keep_lld_exports(true)
        .demangle(false)
        .remove_name_section(optimize)
        .remove_producers_section(optimize);
    bindgen
        .generate(files)
        .with_context(|| format!("browser bindings of {}", module.display()))
}

/// What rustc and wasm-bindgen emit, and every browser of the last years reads. Not `--all-features`: then
/// wasm-opt writes encodings that browsers still keep behind a flag.
const FEATURES: [&str; 7] = [
    "--enable-bulk-memory",
    "--enable-call-indirect-overlong",
    "--enable-multivalue",
    "--enable-mutable-globals",
    "--enable-nontrapping-float-to-int",
    "--enable-reference-types",
    "--enable-sign-ext",
];

/// Runs npm's `wasm-opt` over the module. It only saves bytes, so that its absence is no failure.
fn shrink(frontend: &Path, wasm: &Path) -> Result<()> {
    let before = fs::metadata(wasm)?.len();
    let smaller = wasm.with_extension("opt");
    let run = Command::new(frontend.join("node_modules/.bin/wasm-opt"))
        .args(["-Oz", "--strip-debug"])
        .args(FEATURES)
        .arg(wasm)
        .arg("-o")
        .arg(&smaller)
        .status();
    match run {
        Ok(status) if status.success() => {
            fs::rename(&smaller, wasm)?;
            let name = wasm.file_name().unwrap_or_default().to_string_lossy();
            println!(
                "bundle: wasm-opt: {name} {} -> {}",
                kb(before),
                kb(fs::metadata(wasm)?.len())
            );
        }
        Ok(status) => println!("bundle: wasm-opt failed ({status}): the module stays as compiled"),
        Err(error) => println!("bundle: no wasm-opt ({error}): the module stays as compiled"),
    }
    if smaller.exists() {
        fs::remove_file(&smaller)?;
    }
    Ok(())
}

/// Puts a Brotli twin beside each text and the module, at the highest quality: packed once, served to all. It only saves
/// bytes, so that its absence is no failure.
fn squeeze(frontend: &Path, files: &Path) -> Result<()> {
    let packs = |path: &PathBuf| {
        let ending = path.extension().and_then(OsStr::to_str);
        matches!(ending, Some("wasm" | "js" | "css" | "svg" | "txt"))
    };
    let paths = sorted(files)?.into_iter().filter(packs);
    let run = Command::new("node")
        .arg(frontend.join("bundle/brotli.mjs"))
        .args(paths)
        .status();
    match run {
        Ok(status) if status.success() => {}
        Ok(status) => println!("bundle: brotli failed ({status}): the server packs as it serves"),
        Err(error) => println!("bundle: no node for brotli ({error}): the server packs as it serves"),
    }
    Ok(())
}

/// The licences of what is shipped and not ours, each under its name and version.
fn licences(frontend: &Path) -> Result<String> {
    let mut text = String::new();
    for (name, package) in [
        ("Inter", "@fontsource-variable/inter"),
        ("JetBrains Mono", "@fontsource/jetbrains-mono"),
        ("uPlot", "uplot"),
    ] {
        let folder = frontend.join("node_modules").join(package);
        let path = folder.join("LICENSE");
        let licence = fs::read_to_string(&path).with_context(|| format!("{}", path.display()))?;
        text.push_str(&format!("{name} (npm: {package})\n\n{}\n\n\n", licence.trim()));
    }
    Ok(text)
}

/// uPlot's style, then the files of `style/` in the order of their names.
fn stylesheet(frontend: &Path, uplot: &Path) -> Result<String> {
    let mut sheets = vec![uplot.join("uPlot.min.css")];
    let own = sorted(&frontend.join("style"))?;
    sheets.extend(
        own.into_iter()
            .filter(|path| path.extension() == Some(OsStr::new("css"))),
    );
    let mut joined = String::new();
    for sheet in sheets {
        let text = fs::read_to_string(&sheet).with_context(|| format!("{}", sheet.display()))?;
        joined.push_str(text.trim_end());
        joined.push('\n');
    }
    Ok(joined)
}

/// The first 16 hexadecimal digits of SHA-256 over names and contents.
fn content_hash(dir: &Path) -> Result<String> {
    fn feed(sha: &mut Sha256, base: &Path, dir: &Path) -> Result<()> {
        for path in sorted(dir)? {
            if path.is_dir() {
                feed(sha, base, &path)?;
                continue;
            }
            let bytes = fs::read(&path)?;
            sha.update(path.strip_prefix(base)?.to_string_lossy().as_bytes());
            sha.update([0]);
            sha.update((bytes.len() as u64).to_le_bytes());
            sha.update(bytes);
        }
        Ok(())
    }
    let mut sha = Sha256::new();
    feed(&mut sha, dir, dir)?;
    Ok(sha
        .finalize()
        .iter()
        .take(8)
        .map(|byte| format!("{byte:02x}"))
        .collect())
}

fn report(files: &Path) -> Result<()> {
    let mut parts = Vec::new();
    for path in sorted(files)?.iter().filter(|path| path.is_file()) {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        parts.push(format!("{name} {}", kb(fs::metadata(path)?.len())));
    }
    println!("bundle: {}", parts.join(", "));
    Ok(())
}

fn kb(bytes: u64) -> String {
    format!("{:.1} kB", bytes as f64 / 1000.0)
}

fn sorted(dir: &Path) -> Result<Vec<PathBuf>> {
    let mut paths = fs::read_dir(dir)
        .with_context(|| format!("{}", dir.display()))?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<std::io::Result<Vec<_>>>()?;
    paths.sort();
    Ok(paths)
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    fs::copy(from, to).with_context(|| format!("copy {}", from.display()))?;
    Ok(())
}

fn copy_dir(from: &Path, to: &Path) -> Result<()> {
    for path in sorted(from)?.iter().filter(|path| path.is_file()) {
        copy(path, &to.join(path.file_name().unwrap_or_default()))?;
    }
    Ok(())
}

fn remove(dir: &Path) -> Result<()> {
    match fs::remove_dir_all(dir) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(error).with_context(|| format!("remove {}", dir.display()))
        }
        _ => Ok(()),
    }
}
