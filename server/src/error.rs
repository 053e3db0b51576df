//! The one error of the API: every handler's failure ends here and leaves as problem JSON (RFC 9457).

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use protocol::api::Problem;
use protocol::said::Arg;
use protocol::{FieldError, Said, says};
use std::collections::BTreeMap;

pub type ApiResult<T> = Result<T, ApiError>;

/// What can go wrong with a request.
#[derive(Debug, thiserror::Error)]
pub enum ApiError {
    /// The thing of this name is not there.
    #[error("{0}")]
    NotFound(Said),
    /// The rule book's errors, all of them.
    #[error("{} of the run config's settings can't be used", .0.len())]
    InvalidConfig(Vec<FieldError>),
    /// The request can't be read, or asks for something that can't be.
    #[error("{detail}")]
    BadRequest { code: &'static str, detail: String },
    /// It can be read but does not fit the present state.
    #[error("{detail}")]
    Conflict { code: &'static str, detail: String },
    /// Refused whatever it says.
    #[error("{detail}")]
    Refused {
        status: StatusCode,
        code: &'static str,
        detail: String,
    },
    /// The machine's fault: no memory, no disk, a worker that would not start.
    #[error("{detail}")]
    Unavailable { code: &'static str, detail: String },
    /// What a program of ours said against it, whole.
    #[error("{}", .1.message)]
    Said(StatusCode, Said),
    /// Any of the others, with what a translation of its code needs.
    #[error("{0}")]
    WithArgs(Box<ApiError>, Vec<Arg>),
    /// Ours. The person sees that it happened; the log has the details.
    #[error("{0}")]
    Internal(String),
}

impl ApiError {
    pub fn not_found(what: Said) -> Self {
        Self::NotFound(what)
    }
    pub fn bad(code: &'static str, detail: impl Into<String>) -> Self {
        let detail = detail.into();
        Self::BadRequest { code, detail }
    }
    pub fn conflict(code: &'static str, detail: impl Into<String>) -> Self {
        let detail = detail.into();
        Self::Conflict { code, detail }
    }
    pub fn refused(status: StatusCode, code: &'static str, detail: impl Into<String>) -> Self {
        let detail = detail.into();
        Self::Refused { status, code, detail }
    }
    pub fn internal(error: impl std::fmt::Display) -> Self {
        Self::Internal(error.to_string())
    }

    /// What a worker said, under a code for where it said so.
    pub fn of_worker(status: StatusCode, code: &str, said: &Said) -> Self {
        Self::Said(status, of_worker(code, said))
    }

    /// What the trainer said against what it was asked to read.
    pub fn unusable(said: &Said) -> Self {
        Self::of_worker(StatusCode::BAD_REQUEST, "unusable", said)
    }

    /// The names and numbers of the sentence, for its translations.
    pub fn with_args<A: Into<Arg>>(self, args: impl IntoIterator<Item = A>) -> Self {
        Self::WithArgs(Box::new(self), args.into_iter().map(Into::into).collect())
    }

    /// The sentence with its code.
    pub fn said(&self) -> Said {
        let problem = self.problem();
        Said::new(&problem.code, problem.detail).with_args(problem.args)
    }

    pub fn problem(&self) -> Problem {
        if let Self::WithArgs(error, args) = self {
            return Problem {
                args: args.clone(),
                ..error.problem()
            };
        }
        let (status, code, title) = match self {
            Self::Said(status, said) => (*status, said.code.as_str(), "The request can't be used"),
            Self::NotFound(_) => (StatusCode::NOT_FOUND, "not_found", "Not found"),
            Self::InvalidConfig(_) => (
                StatusCode::UNPROCESSABLE_ENTITY,
                "invalid_config",
                "The run config can't be used",
            ),
            Self::BadRequest { code, .. } => (StatusCode::BAD_REQUEST, *code, "The request can't be used"),
            Self::Conflict { code, .. } => (StatusCode::CONFLICT, *code, "Not possible now"),
            Self::Refused { status, code, .. } => (*status, *code, "Refused"),
            Self::Unavailable { code, .. } => (StatusCode::SERVICE_UNAVAILABLE, *code, "Not possible on this machine"),
            Self::Internal(_) | Self::WithArgs(..) => (
                StatusCode::INTERNAL_SERVER_ERROR,
                "internal",
                "The server failed; its log says why",
            ),
        };
        Problem {
            code: code.into(),
            title: title.into(),
            status: status.as_u16(),
            detail: self.to_string(),
            args: match self {
                Self::Said(_, said) => said.args.clone(),
                Self::NotFound(what) => vec![what.into()],
                _ => vec![],
            },
            errors: match self {
                Self::InvalidConfig(errors) => errors.clone(),
                _ => vec![],
            },
            extra: BTreeMap::new(),
        }
    }
}

/// A sentence of a worker's, whole, as what a sentence of this code is about.
pub fn of_worker(code: &str, said: &Said) -> Said {
    Said::new(code, said.message.clone()).with_args([said])
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        if let Self::Internal(detail) = &self {
            tracing::error!("{detail}");
        }
        let problem = self.problem();
        let status = StatusCode::from_u16(problem.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let body = serde_json::to_vec(&problem).unwrap_or_default();
        let kind = HeaderValue::from_static("application/problem+json");
        (status, [(header::CONTENT_TYPE, kind)], body).into_response()
    }
}

fn disk_full() -> ApiError {
    ApiError::Unavailable {
        code: "disk_full",
        detail: "the disk that holds the data directory is full".into(),
    }
}

impl From<sqlx::Error> for ApiError {
    fn from(error: sqlx::Error) -> Self {
        match &error {
            // SQLITE_FULL: the person can mend it
            sqlx::Error::Database(e) if e.code().as_deref() == Some("13") => disk_full(),
            _ => Self::Internal(format!("database: {error}")),
        }
    }
}

impl From<std::io::Error> for ApiError {
    fn from(error: std::io::Error) -> Self {
        use std::io::ErrorKind;
        match error.kind() {
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded | ErrorKind::FileTooLarge => disk_full(),
            ErrorKind::NotFound => Self::NotFound(says::gone_meanwhile(&error)),
            ErrorKind::PermissionDenied => Self::refused(
                StatusCode::FORBIDDEN,
                "no_permission",
                format!("the server may not read or write it: {error}"),
            ),
            _ => Self::Internal(error.to_string()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::ApiError;
    use protocol::said::said;
    use protocol::{Lang, Said};

    #[test]
    fn what_is_not_there_is_said_in_every_language() {
        let problem = ApiError::not_found(protocol::says::no_such_run("x")).problem();
        assert_eq!(
            (problem.code.as_str(), problem.detail.as_str()),
            ("not_found", "there is no run x")
        );
        for (lang, words) in [(Lang::Ja, "実行 x はありません"), (Lang::Zh, "没有运行 x")] {
            assert_eq!(said(&problem.detail, &problem.code, &problem.args, lang), words);
        }
    }

    #[test]
    fn a_translation_gets_the_names_or_the_trainers_own_words() {
        for (error, args) in [
            (
                ApiError::unusable(&Said::plain("row 3: no prompt")),
                vec!["row 3: no prompt"],
            ),
            (ApiError::bad("bad_name", "no slashes"), vec![]),
            (
                ApiError::conflict("no_base", "/m is gone").with_args(["/m".to_owned()]),
                vec!["/m"],
            ),
        ] {
            assert_eq!(error.problem().args, args, "{error}");
        }
    }
}
