//! Reading requests: JSON bodies and query strings whose errors are problem JSON as well.

use crate::ApiError;
use crate::fault::Fault;
use axum::body::{Body, Bytes};
use axum::extract::rejection::{JsonRejection, QueryRejection};
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use protocol::{Said, says};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::error::Error;

/// A JSON body. `Content-Type: application/json` is required, so that no HTML form can send one; nesting is
/// limited by the parser (128 levels), the size by the route.
pub struct Json<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Json<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Self, ApiError> {
        let (parts, body) = request.into_parts();
        let bytes = Bytes::from_request(Request::from_parts(parts.clone(), body), state).await;
        let bytes = bytes.map_err(JsonRejection::from)?;
        let whole = Request::from_parts(parts, Body::from(bytes.clone()));
        match axum::Json::from_request(whole, state).await {
            Ok(axum::Json(body)) => Ok(Self(body)),
            // it may be JSON all the same, of another shape
            Err(rejection @ JsonRejection::JsonSyntaxError(_)) => Err(match Fault::of_shape::<T>(&bytes) {
                Some(fault) => ApiError::bad(says::bad_json(fault.said)),
                None => rejection.into(),
            }),
            Err(rejection) => Err(rejection.into()),
        }
    }
}

impl<T: Serialize> IntoResponse for Json<T> {
    fn into_response(self) -> Response {
        axum::Json(self.0).into_response()
    }
}

/// The query string.
#[derive(FromRequestParts)]
#[from_request(via(axum::extract::Query), rejection(ApiError))]
pub struct Query<T>(pub T);

/// Items between commas, each decoded as the board's address encodes them.
pub fn list(text: &str) -> Vec<String> {
    let items = text.split(',').filter(|item| !item.is_empty());
    items.map(|item| item.replace("%2C", ",").replace("%25", "%")).collect()
}

impl From<JsonRejection> for ApiError {
    fn from(rejection: JsonRejection) -> Self {
        match rejection.status() {
            status @ StatusCode::UNSUPPORTED_MEDIA_TYPE => Self::refused(status, says::json_required()),
            status @ StatusCode::PAYLOAD_TOO_LARGE => Self::refused(status, says::too_large(rejection.body_text())),
            _ => match Fault::of(&rejection) {
                Some(fault) => Self::bad(says::bad_json(fault.said)),
                None => Self::bad(says::bad_json(not_json(&rejection))),
            },
        }
    }
}

/// Of a body that is no JSON: where it ceases to be.
fn not_json(rejection: &JsonRejection) -> Said {
    let mut cause: &dyn Error = rejection;
    while let Some(deeper) = cause.source() {
        cause = deeper;
    }
    says::body_not_json(cause.to_string())
}

impl From<QueryRejection> for ApiError {
    fn from(rejection: QueryRejection) -> Self {
        Self::bad(says::bad_query(rejection.body_text()))
    }
}
