//! Marks on pairs that a run goes by: where they lie, and the copy that it keeps.

use crate::db::Db;
use protocol::pairs::{LONGEST_MARKS, MARKS, MARKS_USED};
use protocol::{FieldError, RunConfig, says};
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// Puts the path of the file in the place of a run's name; an error where there is no such run.
pub async fn resolve(db: &Db, config: &mut RunConfig) -> Result<Option<FieldError>, sqlx::Error> {
    let named = config.pair_marks.as_deref().map(str::trim);
    let Some(name) = named.filter(|name| !name.is_empty() && !Path::new(name).is_absolute()) else {
        return Ok(None);
    };
    let name = name.to_owned();
    match db.run_by_name(&name).await? {
        Some(row) => {
            config.pair_marks = Some(row.directory.join(MARKS).display().to_string());
            Ok(None)
        }
        None => {
            let error = FieldError::new("pair_marks", "not_found", says::no_such_run(&name));
            Ok(Some(error.with_args([name])))
        }
    }
}

/// Where the copy lies in a directory.
pub fn copy_in(directory: &Path) -> PathBuf {
    directory.join(MARKS_USED)
}

/// Copies the file, or that of a run directory, into another directory: a person may go on marking meanwhile.
pub fn copy(from: &Path, directory: &Path) -> io::Result<()> {
    let file = if from.is_dir() {
        from.join(MARKS)
    } else {
        from.to_owned()
    };
    let mut bytes = vec![];
    File::open(file)?.take(LONGEST_MARKS).read_to_end(&mut bytes)?;
    crate::whole::write(&copy_in(directory), &bytes)
}
