//! Layouts of pairs: two columns with a reply each, a rejected one beside a conversation, both in one list.

use super::super::layout::{Columns, Formatting};
use super::names::{CONVERSATION, PAIRS, REJECTED, REPLY};
use super::seen::{Seen, Shape};
use super::{CHATS, Found, SEVERAL, compared, question};
use protocol::Said;

/// Two columns with a reply each, unless those name replies that stand in other columns.
pub(super) fn pairs(seen: &Seen) -> Result<Option<Found>, Said> {
    let both = |(chosen, rejected): &(&str, &str)| {
        Some((seen.main(&[*chosen], &SEVERAL)?, seen.main(&[*rejected], &SEVERAL)?))
    };
    let Some((chosen, rejected)) = PAIRS.iter().find_map(both) else {
        return Ok(None);
    };
    match compared::are_names(seen, &chosen, &rejected)? {
        true => Ok(None),
        false => Ok(pair_in(seen, chosen, rejected)),
    }
}

pub(super) fn pair_in(seen: &Seen, chosen: String, rejected: String) -> Option<Found> {
    let asks = question(seen).is_some();
    // without a question a list of texts is a conversation
    let whole = seen.is(&chosen, Shape::Messages) || seen.is(&chosen, Shape::Texts) && !asks;
    let text = seen.is(&chosen, Shape::Text) || seen.is(&chosen, Shape::Texts) && asks;
    let columns = Columns {
        opening: seen.main(&["initial_reason_steps"], &[Shape::Text]),
        chosen: Some(chosen.clone()),
        rejected: Some(rejected),
        ..Columns::default()
    };
    let asked = seen
        .main(&["prompt"], &[Shape::Messages])
        .or(seen.main(&["prompt", "question", "instruction"], &[Shape::Text]));
    // Whole conversations bring their prompt along.
    if whole {
        return Some((
            Formatting::Sharegpt,
            true,
            Columns {
                prompt: asked,
                ..columns
            },
        ));
    }
    let before = seen
        .main(&CONVERSATION, &[Shape::Messages])
        .or(seen.main(&["input"], &[Shape::Messages]));
    if let Some(messages) = before {
        let columns = Columns {
            messages: Some(messages),
            ..columns
        };
        return Some((Formatting::Sharegpt, true, columns));
    }
    if !text {
        return Some((
            Formatting::Sharegpt,
            true,
            Columns {
                prompt: Some(asked?),
                ..columns
            },
        ));
    }
    if let Some(messages) = seen.main(&["prompt"], &[Shape::Messages]) {
        let columns = Columns {
            messages: Some(messages),
            ..columns
        };
        return Some((Formatting::Sharegpt, true, columns));
    }
    match question(seen) {
        Some((prompt, query)) => Some((
            Formatting::Alpaca,
            true,
            Columns {
                prompt: Some(prompt),
                query,
                ..columns
            },
        )),
        None if seen.transcripts(&chosen) => Some((Formatting::Alpaca, true, columns)),
        None => None,
    }
}

/// A conversation, or a question with its answer, beside what was rejected.
pub(super) fn beside_the_chosen(seen: &Seen) -> Option<Found> {
    let rejected = seen.main(&REJECTED, &SEVERAL)?;
    if let Some(messages) = seen.main(&CONVERSATION, &CHATS) {
        let columns = Columns {
            messages: Some(messages),
            rejected: Some(rejected),
            ..Columns::default()
        };
        return Some((Formatting::Sharegpt, true, columns));
    }
    let (prompt, query) = question(seen)?;
    let columns = Columns {
        prompt: Some(prompt),
        query,
        chosen: Some(seen.main(&REPLY, &[Shape::Text])?),
        rejected: Some(rejected),
        ..Columns::default()
    };
    Some((Formatting::Alpaca, true, columns))
}

/// A question with both replies in one list.
pub(super) fn old_pairs(seen: &Seen) -> Option<Found> {
    let (prompt, query) = question(seen)?;
    let columns = Columns {
        prompt: Some(prompt),
        query,
        response: Some(seen.main(&["output", "response"], &[Shape::Texts])?),
        ..Columns::default()
    };
    Some((Formatting::Alpaca, true, columns))
}
