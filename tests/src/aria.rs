//! Finds elements as a screen reader names them: by role and accessible name, as Chromium itself computes both.

use crate::Browser;
use serde_json::{Value, json};

/// What a look at the page gave.
#[derive(Debug, Default)]
pub struct Found {
    /// CSS selectors of the elements of that role and name, in the page's order.
    pub marks: Vec<String>,
    /// Names of all elements of that role.
    pub names: Vec<String>,
}

/// Looks once. Elements found are marked in the page by an attribute, by which WebDriver gets hold of them.
pub async fn find(browser: &Browser, role: &str, name: &str) -> Found {
    let document = browser.cdp("DOM.getDocument", json!({ "depth": 0 })).await;
    let query = json!({ "nodeId": document["root"]["nodeId"], "role": role });
    let tree = browser.cdp("Accessibility.queryAXTree", query).await;
    let mut found = Found::default();
    for node in tree["nodes"].as_array().into_iter().flatten() {
        if node["ignored"] == true {
            continue;
        }
        let own = node["name"]["value"].as_str().unwrap_or_default().trim().to_owned();
        let meant = is_meant(&own, name);
        found.names.push(own);
        if meant && let Some(id) = node["backendDOMNodeId"].as_u64() {
            found.marks.extend(mark(browser, id).await);
        }
    }
    found
}

/// Whether an element of this name is the one asked for; a name that ends in `…` may go on.
pub fn is_meant(own: &str, asked: &str) -> bool {
    match asked.strip_suffix('…') {
        Some(start) => own.starts_with(start),
        None => own == asked,
    }
}

/// Marks one element; `None` when it has left the page meanwhile.
async fn mark(browser: &Browser, id: u64) -> Option<String> {
    let object = browser
        .try_cdp("DOM.resolveNode", json!({ "backendNodeId": id }))
        .await?;
    let object = object["object"]["objectId"].as_str()?.to_owned();
    let call = json!({
        "objectId": object,
        "functionDeclaration": "function(mark) { this.setAttribute?.('data-by-role', mark) }",
        "arguments": [{ "value": id.to_string() }],
    });
    let done: Value = browser.try_cdp("Runtime.callFunctionOn", call).await?;
    done["exceptionDetails"]
        .is_null()
        .then(|| format!("[data-by-role='{id}']"))
}
