//! The API's description of itself.

use crate::{
    chat, compare, configs, evaluations, files, imports, keys, library, live, notify, pairs, runs, samples, sweeps,
    system, trash, usage,
};
use axum::Json;
use utoipa::OpenApi;

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Corral",
        description = "Runs, data sets, models, chat. Errors are application/problem+json with a stable `code`; their sentences are in the language of `Accept-Language`, where the board speaks it."
    ),
    paths(
        system::system,
        system::presets,
        notify::settings,
        notify::set,
        notify::test,
        keys::keys,
        keys::json_schema,
        live::connect,
        runs::check::check,
        runs::probe::start,
        runs::probe::stop,
        runs::check::parse,
        configs::list,
        configs::file,
        configs::save,
        configs::rename,
        configs::delete,
        trash::disk,
        trash::list,
        trash::empty,
        trash::delete,
        trash::restore,
        runs::list::list,
        runs::create::create,
        runs::adopt::adopt,
        imports::api::from_path,
        imports::api::upload,
        sweeps::list,
        sweeps::plan,
        sweeps::create,
        sweeps::detail,
        sweeps::stop,
        sweeps::resume,
        sweeps::delete,
        runs::detail::detail,
        runs::patch,
        runs::delete,
        runs::stop,
        runs::resume,
        runs::series::series,
        runs::series::csv,
        runs::series::events,
        runs::health::health,
        usage::usage,
        runs::log::log,
        pairs::overview,
        pairs::scores,
        pairs::rows,
        pairs::detail,
        pairs::mark,
        pairs::tokens,
        pairs::compare,
        compare::series,
        compare::curves,
        compare::picture,
        compare::csv,
        compare::json,
        compare::table_csv,
        compare::table_json,
        compare::report,
        compare::views::list,
        compare::views::keep,
        compare::views::forget,
        samples::overview,
        samples::replies,
        samples::prompt,
        files::list,
        files::file,
        files::archive::archive,
        files::merge::status,
        files::merge::start,
        files::merge::stop,
        files::combine::last,
        files::combine::plan,
        files::combine::start,
        evaluations::list,
        evaluations::start,
        evaluations::matrix,
        evaluations::remove,
        evaluations::stop,
        evaluations::predictions,
        library::models,
        library::tidy::delete,
        library::catalogue::list,
        library::catalogue::add,
        library::download::list,
        library::download::plan,
        library::download::start,
        library::download::stop,
        library::datasets::list,
        library::datasets::add,
        library::register_import::bring,
        library::datasets::upload,
        library::datasets::remove,
        library::preview::preview,
        chat::openai::models,
        chat::openai::model,
        chat::openai::chat,
    ),
    components(schemas(
        protocol::api::Problem,
        // what is posted to a webhook is no route's
        protocol::notify::Message,
        protocol::notify::Happened,
        protocol::notify::Ended,
        protocol::notify::EndedSweep,
    ))
)]
struct Document;

/// All routes, as OpenAPI says them.
pub fn description() -> utoipa::openapi::OpenApi {
    Document::openapi()
}

pub async fn document() -> Json<utoipa::openapi::OpenApi> {
    Json(description())
}
