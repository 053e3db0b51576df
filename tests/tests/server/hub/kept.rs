//! What is kept of downloads: a part is not taken for the whole, a look keeps nothing, what is broken is mended.

use super::fake::hub;
use super::{HUBS, download, folder, model, rows, said};
use serde_json::json;
use std::time::{Duration, Instant};

/// What the hub listed says what is missing, and the command that is told then fetches it.
#[test]
fn a_data_set_that_came_half_is_not_read_as_whole() {
    for name in HUBS {
        let hub = hub(model(), rows());
        let home = tempfile::tempdir().unwrap();
        let key = if name == "modelscope" {
            "ms_hub_url"
        } else {
            "hf_hub_url"
        };
        let register = json!({"rows": {key: "tiny/rows", "folder": "data", "split": "train"}});
        std::fs::write(home.path().join("dataset_info.json"), register.to_string()).unwrap();
        let inspect = || {
            let mut command = hub.program("corral-trainer", home.path());
            command.args(["inspect", "--dataset=rows"]);
            command.arg(format!("--dataset-dir={}", home.path().display()));
            command.output().unwrap()
        };
        let words = [
            "--dataset",
            "tiny/rows",
            &format!("--hub={name}"),
            "--folder=data",
            "--split=train",
        ];
        assert!(download(&hub, home.path(), &words).status.success());
        assert!(inspect().status.success());
        let file = folder(home.path(), name, "datasets", "tiny--rows").join("data/train-0.csv");
        let whole = std::fs::read(&file).unwrap();
        // cut off where a row ends, which no reader of rows could tell
        std::fs::write(&file, b"instruction,output\nQ,A\n").unwrap();
        let cut = said(&inspect());
        std::fs::remove_file(&file).unwrap();
        let gone = said(&inspect());
        let option = if name == "modelscope" { "--hub=modelscope " } else { "" };
        let command = format!("`corral download --dataset {option}tiny/rows --split=train --folder=data`");
        for told in [cut, gone] {
            assert!(
                told.contains("data/train-0.csv is missing") && told.contains(&command),
                "{told}"
            );
        }
        assert!(download(&hub, home.path(), &words).status.success());
        assert!(inspect().status.success() && std::fs::read(&file).unwrap() == whole);
    }
}

#[test]
fn a_look_at_a_data_set_keeps_nothing() {
    for name in HUBS {
        let hub = hub(model(), rows());
        let home = tempfile::tempdir().unwrap();
        let words = ["--dataset", "tiny/rows", &format!("--hub={name}"), "--dry-run"];
        let output = download(&hub, home.path(), &words);
        assert!(
            output.status.success() && said(&output).contains("2 files"),
            "{}",
            said(&output)
        );
        let here: Vec<_> = ["hf", "ms"]
            .into_iter()
            .filter(|cache| home.path().join(cache).exists())
            .collect();
        assert!(here.is_empty(), "{here:?}");
    }
}

#[test]
fn a_cached_model_of_another_length_is_fetched_again() {
    for name in HUBS {
        let hub = hub(model(), rows());
        let home = tempfile::tempdir().unwrap();
        let words = ["tiny/llama", &format!("--hub={name}")];
        assert!(download(&hub, home.path(), &words).status.success());
        let place = folder(home.path(), name, "models", "tiny--llama").join("model.safetensors");
        std::fs::write(&place, b"cut off").unwrap();
        // what is not ours to write into is not written into
        let outside = home.path().join("outside");
        std::fs::write(&outside, b"mine").unwrap();
        let mut partial = std::fs::canonicalize(&place).unwrap().into_os_string();
        partial.push(".incomplete");
        std::os::unix::fs::symlink(&outside, &partial).unwrap();
        let output = download(&hub, home.path(), &words);
        assert!(
            !output.status.success() && said(&output).contains(".incomplete"),
            "{}",
            said(&output)
        );
        assert_eq!(std::fs::read(&outside).unwrap(), b"mine");
        std::fs::remove_file(&partial).unwrap();
        assert!(download(&hub, home.path(), &words).status.success());
        assert!(std::fs::read(&place).unwrap() == model()["model.safetensors"], "{name}");
    }
}

#[test]
fn a_busy_hub_is_left_alone_as_long_as_it_asks() {
    let hub = hub(model(), rows());
    hub.state().busy = 1;
    let home = tempfile::tempdir().unwrap();
    let since = Instant::now();
    let output = download(&hub, home.path(), &["tiny/llama", "--dry-run"]);
    assert!(output.status.success(), "{}", said(&output));
    assert!(since.elapsed() >= Duration::from_secs(1));
}
