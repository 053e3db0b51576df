//! Folders that have no safetensors: those with pickle files, which are programs, are told how to convert them.
use crate::error::Error;
use protocol::says;
use std::path::Path;

/// Why there is nothing to load in a folder.
pub(super) fn nothing_to_load(folder: &Path) -> Error {
    let pickle = [
        "pytorch_model.bin",
        "pytorch_model.bin.index.json",
        "consolidated.00.pth",
        "model.pt",
    ];
    match pickle.iter().find(|name| folder.join(name).is_file()) {
        Some(name) => Error::file(folder.join(name), says::weights_are_pickle(conversion(folder))),
        None => Error::file(folder, says::no_weights_here()),
    }
}

/// Two lines of Python that write a folder of pickle files anew, beside it. They are one statement each, so that they are
/// the same where they are shown as one line.
fn conversion(folder: &Path) -> String {
    let from = folder.display().to_string();
    let from = from.trim_end_matches('/');
    let (from, to) = (format!("{from:?}"), format!("{:?}", format!("{from}-safetensors")));
    format!(
        "from transformers import AutoModelForCausalLM, AutoTokenizer;\n\
         [kind.from_pretrained({from}).save_pretrained({to}) for kind in (AutoModelForCausalLM, AutoTokenizer)]"
    )
}

#[cfg(test)]
mod tests {
    use crate::files::tests::TempDir;
    use crate::model::weight_files;

    #[test]
    fn a_folder_of_pickle_files_is_refused_with_the_lines_that_convert_it() {
        let dir = TempDir::new();
        std::fs::write(dir.path().join("pytorch_model.bin"), b"PK").unwrap();
        let error = weight_files(dir.path()).unwrap_err().to_string();
        let path = dir.path().display();
        assert!(error.contains("AutoTokenizer;\n[kind.from_pretrained("), "{error}");
        assert!(
            error.contains(&format!("save_pretrained(\"{path}-safetensors\")")),
            "{error}"
        );
    }
}
