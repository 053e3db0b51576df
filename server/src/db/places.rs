//! Where runs lie. A directory below the data directory is stored by its relative path, so that the data directory can be moved;
//! any other by its absolute path.

use super::Db;
use std::io;
use std::path::{Path, PathBuf};

/// Where a run lies.
#[derive(Debug)]
pub struct RunPlace {
    pub id: String,
    pub directory: PathBuf,
}

/// A stored path of a directory, and the one that it is stored by now.
struct Moved {
    before: String,
    now: String,
}

impl Db {
    /// Where all runs lie, newest first.
    pub async fn run_places(&self) -> Result<Vec<RunPlace>, sqlx::Error> {
        let sql = "SELECT id, directory FROM runs WHERE deleted = 0 ORDER BY created DESC, key DESC";
        let rows: Vec<(String, String)> = sqlx::query_as(sql).fetch_all(self.read()).await?;
        let place = |(id, place): (String, String)| RunPlace {
            id,
            directory: self.path(&place),
        };
        Ok(rows.into_iter().map(place).collect())
    }

    /// The path of a directory as it is stored.
    pub(super) fn place(&self, directory: &Path) -> String {
        let below_root = directory.strip_prefix(&self.root).unwrap_or(directory);
        below_root.to_string_lossy().into_owned()
    }

    /// The directory of a stored path.
    pub(super) fn path(&self, place: &str) -> PathBuf {
        self.root.join(place)
    }

    /// Rewrites the absolute paths in databases of earlier versions, from wherever the data directory was then.
    pub(super) async fn make_paths_relative(&self) -> Result<(), sqlx::Error> {
        for table in ["runs", "forgotten"] {
            // the names are literals of this function
            let sql = sqlx::AssertSqlSafe(format!("SELECT directory FROM {table} WHERE directory LIKE '/%'"));
            let whole: Vec<String> = sqlx::query_scalar(sql).fetch_all(self.read()).await?;
            let root = self.root.clone();
            let moved = tokio::task::spawn_blocking(move || {
                let moved = |before: String| {
                    let now = relative(&root, Path::new(&before))?;
                    Some(Moved { before, now })
                };
                whole.into_iter().filter_map(moved).collect::<Vec<_>>()
            });
            let moved = moved.await.map_err(|error| sqlx::Error::Io(io::Error::other(error)))?;
            for Moved { before, now } in moved {
                let mut tx = self.write().await?;
                // IGNORE: a row that has this path already keeps it
                let sql = sqlx::AssertSqlSafe(format!(
                    "UPDATE OR IGNORE {table} SET directory = ? WHERE directory = ?"
                ));
                sqlx::query(sql).bind(now).bind(before).execute(&mut *tx).await?;
                tx.commit().await?;
            }
        }
        Ok(())
    }
}

/// The path from the data directory of what lies in it, or lay in it where it was before; `None` for any other.
fn relative(root: &Path, before: &Path) -> Option<String> {
    let below_root = match before.strip_prefix(root) {
        Ok(below_root) => below_root.to_path_buf(),
        Err(_) if before.exists() => return None,
        Err(_) => {
            // the longest end of it that begins with `runs` and stands here now
            let parts: Vec<_> = before.components().collect();
            let ends = parts.iter().enumerate().filter(|(_, part)| part.as_os_str() == "runs");
            let mut ends = ends.map(|(n, _)| parts[n..].iter().collect::<PathBuf>());
            ends.find(|end| end.components().count() > 1 && root.join(end).is_dir())?
        }
    };
    (!below_root.as_os_str().is_empty()).then(|| below_root.to_string_lossy().into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_lay_in_a_data_directory_is_found_where_it_is_now() {
        let root = std::env::temp_dir().join(format!("corral-places-{}", std::process::id()));
        std::fs::create_dir_all(root.join("runs/a")).unwrap();
        std::fs::create_dir_all(root.join("runs/saves/x")).unwrap();
        for (before, now) in [
            (root.join("runs/a"), Some("runs/a")),
            ("/nowhere/data/runs/a".into(), Some("runs/a")),
            ("/nowhere/runs/data/runs/saves/x".into(), Some("runs/saves/x")),
            ("/nowhere/data/runs/gone".into(), None),
            ("/nowhere/data/runs".into(), None),
            ("/tmp".into(), None),
        ] {
            assert_eq!(relative(&root, &before).as_deref(), now, "{}", before.display());
        }
        std::fs::remove_dir_all(root).unwrap();
    }
}
