//! The one error of the API: every handler's failure ends here and leaves as problem JSON (RFC 9457).

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use protocol::api::Problem;
use protocol::{FieldError, Said, says};

pub type ApiResult<T> = Result<T, ApiError>;

/// What can go wrong with a request. What is said of it, and the code that programs go by, are those of a message of
/// `assets/words`.
#[derive(Debug, thiserror::Error)]
pub enum ApiError {
    /// The thing of this name is not there.
    #[error("{0}")]
    NotFound(Said),
    /// The rule book's errors, all of them.
    #[error("{}", self.said())]
    InvalidConfig(Vec<FieldError>),
    /// What the trainer said against what it was asked to read. Asked again, it says the same.
    #[error("{0}")]
    Unusable(Said),
    /// Anything else that is refused.
    #[error("{said}")]
    Refused { status: StatusCode, said: Said },
    /// Ours. The person sees that it happened; the log has the details.
    #[error("{0}")]
    Internal(String),
}

impl ApiError {
    pub fn not_found(what: Said) -> Self {
        Self::NotFound(what)
    }
    /// The request can't be read, or asks for something that can't be.
    pub fn bad(said: Said) -> Self {
        Self::refused(StatusCode::BAD_REQUEST, said)
    }
    /// It can be read but does not fit the present state.
    pub fn conflict(said: Said) -> Self {
        Self::refused(StatusCode::CONFLICT, said)
    }
    /// The machine's fault: no memory, no disk, a worker that would not start.
    pub fn unavailable(said: Said) -> Self {
        Self::refused(StatusCode::SERVICE_UNAVAILABLE, said)
    }
    pub fn refused(status: StatusCode, said: Said) -> Self {
        Self::Refused { status, said }
    }
    pub fn internal(error: impl std::fmt::Display) -> Self {
        Self::Internal(error.to_string())
    }

    fn status(&self) -> StatusCode {
        match self {
            Self::NotFound(_) => StatusCode::NOT_FOUND,
            Self::InvalidConfig(_) => StatusCode::UNPROCESSABLE_ENTITY,
            Self::Unusable(_) => StatusCode::BAD_REQUEST,
            Self::Refused { status, .. } => *status,
            Self::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// The sentence with its code.
    pub fn said(&self) -> Said {
        match self {
            Self::NotFound(what) => says::not_found(what),
            Self::InvalidConfig(errors) => says::invalid_config(errors.len()),
            Self::Unusable(why) => says::unusable(why),
            Self::Refused { said, .. } => said.clone(),
            Self::Internal(why) => says::internal(why),
        }
    }

    pub fn problem(&self) -> Problem {
        let (status, said) = (self.status(), self.said());
        Problem {
            code: said.code,
            title: title(status).into(),
            status: status.as_u16(),
            detail: said.message,
            args: said.args,
            errors: match self {
                Self::InvalidConfig(errors) => errors.clone(),
                _ => vec![],
            },
        }
    }
}

/// What kind of refusal it is, for programs that show no more.
fn title(status: StatusCode) -> &'static str {
    match status {
        StatusCode::NOT_FOUND => "Not found",
        StatusCode::BAD_REQUEST | StatusCode::UNPROCESSABLE_ENTITY => "The request can't be used",
        StatusCode::CONFLICT | StatusCode::BAD_GATEWAY => "Not possible now",
        StatusCode::SERVICE_UNAVAILABLE => "Not possible on this machine",
        StatusCode::INTERNAL_SERVER_ERROR => "The server failed",
        _ => "Refused",
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        if let Self::Internal(detail) = &self {
            tracing::error!("{detail}");
        }
        let problem = self.problem();
        let body = serde_json::to_vec(&problem).unwrap_or_default();
        let kind = HeaderValue::from_static("application/problem+json");
        let mut response = (self.status(), [(header::CONTENT_TYPE, kind)], body).into_response();
        // for whoever says it in another language: `language.rs`
        response.extensions_mut().insert(problem);
        response
    }
}

fn disk_full() -> ApiError {
    ApiError::unavailable(says::disk_full(says::the_data_directory()))
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
            ErrorKind::PermissionDenied => Self::refused(StatusCode::FORBIDDEN, says::no_permission(&error)),
            _ => Self::Internal(error.to_string()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::ApiError;
    use protocol::api::Problem;
    use protocol::said::Lang;
    use protocol::{Said, says};

    /// A problem as a client reads it.
    fn read(error: &ApiError) -> Problem {
        let text = serde_json::to_string(&error.problem()).unwrap();
        serde_json::from_str(&text).unwrap()
    }

    #[test]
    fn a_refusal_is_said_in_every_language() {
        for (error, code, [en, ja, zh]) in [
            (
                ApiError::not_found(says::no_such_run("x")),
                "not_found",
                ["there is no run x", "実行 x はありません", "没有运行 x"],
            ),
            (
                ApiError::conflict(says::name_taken(says::run_name_taken("x"))),
                "name_taken",
                [
                    "there is a run named x already",
                    "x という名前の実行がすでにあります",
                    "已有名为 x 的运行",
                ],
            ),
            (
                ApiError::InvalidConfig(vec![]),
                "invalid_config",
                [
                    "0 settings of the run config can't be used",
                    "実行設定のうち 0 件が使えません",
                    "运行配置中有 0 项无法使用",
                ],
            ),
        ] {
            let problem = read(&error);
            assert_eq!((problem.code.as_str(), problem.detail.as_str()), (code, en));
            assert_eq!([Lang::Ja, Lang::Zh].map(|lang| problem.said().in_lang(lang)), [ja, zh]);
        }
    }

    #[test]
    fn the_trainers_own_words_stand_in_every_language() {
        let problem = read(&ApiError::Unusable(Said::plain("row 3: no prompt")));
        assert_eq!(problem.code, "unusable");
        assert_eq!(problem.said().in_lang(Lang::Ja), "row 3: no prompt");
    }
}
