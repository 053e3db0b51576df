//! Layouts of pairs: two columns with a reply each, a rejected one beside a conversation, both in one list.

use super::super::layout::{Columns, Formatting};
use super::names::{CONVERSATION, PAIRS, REJECTED, REPLY};
use super::profile::{Profile, Shape};
use super::{CHATS, Question, Recognised, SEVERAL, compared, question};
use protocol::Said;

/// Two columns with a reply each, unless they only name replies in other columns.
pub(super) fn pairs(profile: &Profile) -> Result<Option<Recognised>, Said> {
    let both = |(chosen, rejected): &(&str, &str)| {
        Some((
            profile.main(&[*chosen], &SEVERAL)?,
            profile.main(&[*rejected], &SEVERAL)?,
        ))
    };
    let Some((chosen, rejected)) = PAIRS.iter().find_map(both) else {
        return Ok(None);
    };
    match compared::are_names(profile, &chosen, &rejected)? {
        true => Ok(None),
        false => Ok(pair_in(profile, chosen, rejected)),
    }
}

pub(super) fn pair_in(profile: &Profile, chosen: String, rejected: String) -> Option<Recognised> {
    let asks = question(profile).is_some();
    // without a question a list of texts is a conversation
    let whole = profile.is(&chosen, Shape::Messages) || profile.is(&chosen, Shape::Texts) && !asks;
    let text = profile.is(&chosen, Shape::Text) || profile.is(&chosen, Shape::Texts) && asks;
    let columns = Columns {
        opening: profile.main(&["initial_reason_steps"], &[Shape::Text]),
        chosen: Some(chosen.clone()),
        rejected: Some(rejected),
        ..Columns::default()
    };
    let asked = profile
        .main(&["prompt"], &[Shape::Messages])
        .or(profile.main(&["prompt", "question", "instruction"], &[Shape::Text]));
    // whole conversations contain their prompt
    if whole {
        return Some(Recognised::pairs(
            Formatting::Sharegpt,
            Columns {
                prompt: asked,
                ..columns
            },
        ));
    }
    let before = profile
        .main(&CONVERSATION, &[Shape::Messages])
        .or(profile.main(&["input"], &[Shape::Messages]));
    if let Some(messages) = before {
        let columns = Columns {
            messages: Some(messages),
            ..columns
        };
        return Some(Recognised::pairs(Formatting::Sharegpt, columns));
    }
    if !text {
        return Some(Recognised::pairs(
            Formatting::Sharegpt,
            Columns {
                prompt: Some(asked?),
                ..columns
            },
        ));
    }
    if let Some(messages) = profile.main(&["prompt"], &[Shape::Messages]) {
        let columns = Columns {
            messages: Some(messages),
            ..columns
        };
        return Some(Recognised::pairs(Formatting::Sharegpt, columns));
    }
    match question(profile) {
        Some(Question { prompt, query }) => Some(Recognised::pairs(
            Formatting::Alpaca,
            Columns {
                prompt: Some(prompt),
                query,
                ..columns
            },
        )),
        None if profile.transcripts(&chosen) => Some(Recognised::pairs(Formatting::Alpaca, columns)),
        None => None,
    }
}

/// A conversation, or a question with its answer, with a rejected reply in another column.
pub(super) fn beside_the_chosen(profile: &Profile) -> Option<Recognised> {
    let rejected = profile.main(&REJECTED, &SEVERAL)?;
    if let Some(messages) = profile.main(&CONVERSATION, &CHATS) {
        let columns = Columns {
            messages: Some(messages),
            rejected: Some(rejected),
            ..Columns::default()
        };
        return Some(Recognised::pairs(Formatting::Sharegpt, columns));
    }
    let Question { prompt, query } = question(profile)?;
    let columns = Columns {
        prompt: Some(prompt),
        query,
        chosen: Some(profile.main(&REPLY, &[Shape::Text])?),
        rejected: Some(rejected),
        ..Columns::default()
    };
    Some(Recognised::pairs(Formatting::Alpaca, columns))
}

/// A question with both replies in one list.
pub(super) fn old_pairs(profile: &Profile) -> Option<Recognised> {
    let Question { prompt, query } = question(profile)?;
    let columns = Columns {
        prompt: Some(prompt),
        query,
        response: Some(profile.main(&["output", "response"], &[Shape::Texts])?),
        ..Columns::default()
    };
    Some(Recognised::pairs(Formatting::Alpaca, columns))
}
