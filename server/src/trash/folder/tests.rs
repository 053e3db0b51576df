//! Things put into the trash, taken back and deleted, on this disk and on another.

use super::*;

#[test]
fn a_part_on_another_disk_waits_beside_its_place() {
    let root = std::env::temp_dir().join(format!("corral-trash-disk-{}", std::process::id()));
    let elsewhere = PathBuf::from(format!("/dev/shm/corral-trash-disk-{}", std::process::id()));
    fs::create_dir_all(&root).unwrap();
    fs::create_dir_all(elsewhere.join("m")).unwrap();
    std::os::unix::fs::symlink(&elsewhere, root.join("models")).unwrap();
    let (data, ambient) = (DataDir::open(&root).unwrap(), Ambient::default());
    let model = data.models().join("m");
    let names = || {
        let entries = fs::read_dir(&elsewhere).unwrap().flatten();
        entries
            .map(|entry| entry.file_name().into_string().unwrap())
            .collect::<Vec<_>>()
    };
    let doomed = || Deletion {
        kind: TrashKind::Model,
        name: "m".into(),
        parts: vec![model.clone()],
        stay: vec![],
        runs: vec![],
    };
    let trashed = put(&data, doomed(), &ambient).unwrap();
    assert_eq!(names(), [format!(".trash-{}-0", trashed.id)]);
    restore(&data, &trashed.id).unwrap();
    assert_eq!(names(), ["m"]);
    let trashed = put(&data, doomed(), &ambient).unwrap();
    // while its disk is away nothing of it is forgotten
    let gone = delete(&data, &trashed.id).unwrap();
    let away = elsewhere.with_extension("away");
    fs::rename(&elsewhere, &away).unwrap();
    // as a place is where a disk was
    fs::create_dir(&elsewhere).unwrap();
    remove(&data, &gone);
    assert!(gone.join(ABOUT_FILE).is_file());
    fs::remove_dir(&elsewhere).unwrap();
    fs::rename(&away, &elsewhere).unwrap();
    remove(&data, &gone);
    assert_eq!((names().len(), fs::read_dir(data.trash()).unwrap().count()), (0, 0));
    fs::remove_dir_all(root).unwrap();
    fs::remove_dir_all(elsewhere).unwrap();
}

#[test]
fn what_is_deleted_comes_back_whole_and_never_over_something_else() {
    let root = std::env::temp_dir().join(format!("corral-trash-{}", std::process::id()));
    let (data, ambient) = (DataDir::open(&root).unwrap(), Ambient::default());
    let model = data.models().join("m");
    fs::create_dir_all(&model).unwrap();
    fs::write(model.join("weights"), [7u8; 100]).unwrap();
    let doomed = |parts: Vec<PathBuf>| Deletion {
        kind: TrashKind::Model,
        name: "m".into(),
        parts,
        stay: vec![],
        runs: vec![],
    };
    // with one that can't be moved nothing is
    assert!(put(&data, doomed(vec![model.clone(), "/etc".into()]), &ambient).is_err());
    assert!(model.is_dir() && list(&data).is_empty());
    let trashed = put(&data, doomed(vec![model.clone(), data.models().join("gone")]), &ambient).unwrap();
    assert_eq!((model.exists(), trashed.bytes), (false, 100));
    // somebody put another there meanwhile
    fs::create_dir(&model).unwrap();
    assert!(restore(&data, &trashed.id).is_err());
    fs::remove_dir(&model).unwrap();
    restore(&data, &trashed.id).unwrap();
    assert_eq!(fs::read(model.join("weights")).unwrap(), [7; 100]);
    assert!(list(&data).is_empty() && restore(&data, &trashed.id).is_err());
    // its time is over, and what was cut off goes with it
    let trashed = put(&data, doomed(vec![model]), &ambient).unwrap();
    fs::create_dir(data.trash().join("half")).unwrap();
    let unread = data.trash().join("of-another-version");
    fs::create_dir(&unread).unwrap();
    fs::write(unread.join(ABOUT_FILE), "{}").unwrap();
    let emptied = |before| empty(&data, before).iter().for_each(|folder| remove(&data, folder));
    emptied(trashed.until - 1);
    assert_eq!((list(&data).len(), fs::read_dir(data.trash()).unwrap().count()), (1, 2));
    // what can't be read was put there a moment later
    emptied(trashed.until + DAY);
    assert_eq!(fs::read_dir(data.trash()).unwrap().count(), 0);
    for bad in ["..", "", "a/b"] {
        assert!(delete(&data, bad).is_err());
    }
    fs::remove_dir_all(root).unwrap();
}
