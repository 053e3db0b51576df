//! Which fields the form has, and where: the keys of `protocol::config`, in the order of their table.

use protocol::config::{Group, Key, Place};

/// The fields of these groups at this place.
pub fn settings(groups: &[Group], place: Place) -> impl Iterator<Item = &'static Key> {
    let keys = groups.iter().flat_map(|group| group.keys());
    keys.filter(move |key| key.place == place)
}

/// The position of a key's field on the page; a key without a field comes last.
pub fn place_of(key: &str) -> usize {
    let own = settings(&Group::ALL, Place::Own);
    let fields = Group::ALL.into_iter().flat_map(|group| {
        let places = [Place::Field, Place::Advanced].into_iter();
        places.flat_map(move |place| settings(&[group], place).collect::<Vec<_>>())
    });
    own.chain(fields)
        .position(|known| known.name == key)
        .unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_stand_in_the_order_of_the_page() {
        let order = [
            "model_name_or_path",
            "dataset",
            "cutoff_len",
            "pref_beta",
            "lora_rank",
            "learning_rate",
            "output_dir",
        ];
        let places: Vec<_> = order.iter().map(|key| place_of(key)).collect();
        assert!(places.is_sorted(), "{places:?}");
    }
}
