//! What the files say: languages, messages, the pieces of a text.

/// Every language, English first; the others have the same messages in English's order.
#[derive(Debug, Clone)]
pub struct Book {
    pub languages: Vec<Language>,
}

impl Book {
    /// The messages of English; all languages have them in this order.
    pub fn english(&self) -> &[Message] {
        self.languages.first().map_or(&[], |english| &english.messages)
    }

    /// The places of a topic's messages.
    pub fn of_topic(&self, topic: &str) -> impl Iterator<Item = usize> {
        let messages = self.english().iter().enumerate();
        messages
            .filter(move |(_, message)| message.topic == topic)
            .map(|(place, _)| place)
    }

    /// A message in every language.
    pub fn texts(&self, place: usize) -> impl Iterator<Item = &Message> {
        self.languages
            .iter()
            .filter_map(move |language| language.messages.get(place))
    }
}

#[derive(Debug, Clone)]
pub struct Language {
    /// The file's name, a tag of BCP 47.
    pub tag: String,
    pub messages: Vec<Message>,
    /// Ids that it says in English, as it has no words for them.
    pub lacks: Vec<String>,
}

/// A message, or an attribute of one: those have the message's id with a dot between.
#[derive(Debug, Clone, PartialEq)]
pub struct Message {
    pub id: String,
    /// The group that it stands in.
    pub topic: String,
    /// Names of its arguments: in English in the order of the function's.
    pub args: Vec<String>,
    /// Whether its comment names them.
    pub ordered: bool,
    /// Those that a text need not say: the comment has `(may be left out)` behind them.
    pub free: Vec<String>,
    pub text: Vec<Piece>,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Piece {
    Text(String),
    /// An argument as it is.
    Arg(String),
    /// The first case that holds, else the others.
    Choice {
        arg: String,
        cases: Vec<(When, Vec<Piece>)>,
        other: Vec<Piece>,
    },
}

/// What holds of an argument.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum When {
    Empty,
    Number(u64),
    /// One of CLDR's categories in this language.
    Category(String),
}

impl Message {
    /// The name in Rust: what follows the topic.
    pub fn name(&self) -> String {
        let rest = self.id.strip_prefix(&self.topic).unwrap_or(&self.id);
        rest.trim_start_matches('-').replace(['-', '.'], "_")
    }

    /// Whether the argument is told apart by its number.
    pub fn counts(&self, arg: &str) -> bool {
        counts(&self.text, arg)
    }

    /// The text where it is one without arguments.
    pub fn plain(&self) -> Option<&str> {
        match self.text.as_slice() {
            [] => Some(""),
            [Piece::Text(text)] => Some(text),
            _ => None,
        }
    }

    /// As documentation has it: places in braces, the others of a choice.
    pub fn shown(&self) -> String {
        shown(&self.text)
    }
}

fn counts(text: &[Piece], name: &str) -> bool {
    text.iter().any(|piece| match piece {
        Piece::Choice { arg, cases, other } => {
            let by_number = |case: &(When, Vec<Piece>)| case.0 != When::Empty;
            (arg == name && cases.iter().any(by_number))
                || counts(other, name)
                || cases.iter().any(|(_, text)| counts(text, name))
        }
        _ => false,
    })
}

fn shown(text: &[Piece]) -> String {
    let piece = |piece: &Piece| match piece {
        Piece::Text(text) => text.clone(),
        Piece::Arg(name) => format!("{{{name}}}"),
        Piece::Choice { other, .. } => shown(other),
    };
    text.iter().map(piece).collect()
}

/// The names that a text uses, in the order in which they first stand there.
pub fn used(text: &[Piece], names: &mut Vec<String>) {
    let mut add = |name: &String| {
        if !names.contains(name) {
            names.push(name.clone());
        }
    };
    for piece in text {
        match piece {
            Piece::Text(_) => {}
            Piece::Arg(name) => add(name),
            Piece::Choice { arg, cases, other } => {
                add(arg);
                let mut within = vec![];
                cases.iter().for_each(|(_, text)| used(text, &mut within));
                used(other, &mut within);
                within.iter().for_each(&mut add);
            }
        }
    }
}
