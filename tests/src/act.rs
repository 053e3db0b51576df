//! Seeing and doing on a page: by role and name, or by CSS where there is no name.

use std::path::Path;
use std::time::{Duration, Instant};

use fantoccini::Locator;
use fantoccini::elements::Element;
use serde_json::{Value, json};

use crate::aria;
use crate::browser::{Browser, PATIENCE};

impl Browser {
    /// Waits until an element is there and shown, and gives it.
    pub async fn see(&self, css: &str) -> Element {
        self.see_within(css, PATIENCE).await
    }

    /// The same with a time limit of one's own, for what takes long.
    pub async fn see_within(&self, css: &str, limit: Duration) -> Element {
        let since = Instant::now();
        loop {
            for element in self.client.find_all(Locator::Css(css)).await.unwrap_or_default() {
                if element.is_displayed().await.unwrap_or(false) {
                    return element;
                }
            }
            if since.elapsed() > limit {
                self.fail(&format!("nothing to see at `{css}` within {limit:?}")).await;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Waits until the shown text of an element (of `body`, say) contains these words.
    pub async fn see_text(&self, css: &str, words: &str) {
        self.see_text_within(css, words, PATIENCE).await;
    }

    /// The same with a time limit of one's own, for what takes long.
    pub async fn see_text_within(&self, css: &str, words: &str, limit: Duration) {
        let script = format!(
            "return [...document.querySelectorAll({})].some(e => e.innerText.includes({}))",
            json!(css),
            json!(words)
        );
        self.until_within(&script, limit).await;
    }

    /// Waits for the element of this role and accessible name (as a screen reader has them: `button`, `textbox`, `link`, `row`,
    /// `tab`, `checkbox` …), and gives it. A name that ends in `…` may go on.
    pub async fn role(&self, role: &str, name: &str) -> Element {
        self.role_within(role, name, PATIENCE).await
    }

    /// The same with a time limit of one's own, for what takes long.
    pub async fn role_within(&self, role: &str, name: &str, limit: Duration) -> Element {
        let since = Instant::now();
        loop {
            let found = aria::find(self, role, name).await;
            for css in &found.marks {
                if let Ok(element) = self.client.find(Locator::Css(css)).await
                    && element.is_displayed().await.unwrap_or(false)
                {
                    return element;
                }
            }
            if since.elapsed() > limit {
                let names = found.names.join("`, `");
                self.fail(&format!(
                    "no {role} named `{name}` within {limit:?}; there are `{names}`"
                ))
                .await;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Waits until what a script says of the element of this role and name (`e`) is true, and gives it; one that the page
    /// replaces meanwhile is looked for again.
    pub async fn until_role(&self, role: &str, name: &str, says: &str) -> Value {
        self.until_role_within(role, name, says, PATIENCE).await
    }

    /// The same with a time limit of one's own, for what takes long.
    pub async fn until_role_within(&self, role: &str, name: &str, says: &str, limit: Duration) -> Value {
        let since = Instant::now();
        loop {
            let left = limit.saturating_sub(since.elapsed());
            let element = self.role_within(role, name, left).await;
            let element = serde_json::to_value(element).expect("an element reference");
            let script = format!("const e = arguments[0]; return {says}");
            let said = self.client.execute(&script, vec![element]).await.unwrap_or_default();
            if !matches!(said, Value::Null | Value::Bool(false)) && said != json!("") && said != json!(0) {
                return said;
            }
            if since.elapsed() > limit {
                let what = format!("{role} `{name}`: never true within {limit:?}: {says}");
                self.fail(&what).await;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Waits until the shown text of the element of this role and name contains these words.
    pub async fn role_says(&self, role: &str, name: &str, words: &str) {
        let says = format!("e.innerText.includes({})", json!(words));
        self.until_role(role, name, &says).await;
    }

    /// Waits until the names of all elements of this role, in the page's order, pass the test.
    pub async fn until_names(&self, role: &str, test: impl Fn(&[String]) -> bool) {
        let since = Instant::now();
        loop {
            let names = aria::find(self, role, "").await.names;
            if test(&names) {
                return;
            }
            if since.elapsed() > PATIENCE {
                self.fail(&format!("each {role}: there are `{}`", names.join("`, `")))
                    .await;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Whether there is an element of this role and name at this moment.
    pub async fn has_role(&self, role: &str, name: &str) -> bool {
        !aria::find(self, role, name).await.marks.is_empty()
    }

    /// Waits until there is no element of this role and name.
    pub async fn role_gone(&self, role: &str, name: &str) {
        self.until_names(role, |names| names.iter().all(|own| !aria::is_meant(own, name)))
            .await;
    }

    /// Waits for the element of this role and name and clicks it; one that the page replaces meanwhile is looked for again.
    pub async fn press(&self, role: &str, name: &str) {
        let since = Instant::now();
        loop {
            let element = self.role(role, name).await;
            match element.clone().click().await {
                Ok(()) => return,
                Err(error) if since.elapsed() > PATIENCE => {
                    self.fail(&format!("click on {role} `{name}`: {error}")).await;
                }
                Err(_) => self.bring_to_the_middle(element).await,
            }
        }
    }

    /// Scrolls as a person would to what lies under a bar that stays in sight, or waits for what is not there any more.
    async fn bring_to_the_middle(&self, element: Element) {
        let element = serde_json::to_value(element).expect("an element reference");
        let script = "arguments[0].scrollIntoView({ block: 'center' })";
        if self.client.execute(script, vec![element]).await.is_err() {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// The same for a field's value: replaces what the input, text area or select of this name holds.
    pub async fn enter(&self, role: &str, name: &str, value: &str) {
        let field = self.role(role, name).await;
        self.fill_element(field, value).await;
    }

    /// Gives a file to the file field behind the button of this name.
    pub async fn choose_file(&self, button: &str, file: &Path) {
        let field = self.field_of_files(button).await;
        field
            .send_keys(&file.display().to_string())
            .await
            .unwrap_or_else(|error| panic!("a file for `{button}`: {error}"));
    }

    /// A file field is out of sight, behind its label.
    async fn field_of_files(&self, button: &str) -> Element {
        let since = Instant::now();
        loop {
            for css in aria::find(self, "button", button).await.marks {
                if let Ok(element) = self.client.find(Locator::Css(&css)).await {
                    return element;
                }
            }
            if since.elapsed() > PATIENCE {
                self.fail(&format!("no file field named `{button}`")).await;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Waits for an element and clicks it; one that the page replaces meanwhile is looked for again.
    pub async fn click(&self, css: &str) {
        let since = Instant::now();
        loop {
            match self.see(css).await.click().await {
                Ok(()) => return,
                Err(error) if since.elapsed() > PATIENCE => {
                    self.fail(&format!("click on `{css}`: {error}")).await;
                }
                Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
            }
        }
    }

    /// Replaces what an input, a text area or a select holds, as typing and leaving the field would.
    pub async fn fill(&self, css: &str, value: &str) {
        let field = self.see(css).await;
        self.fill_element(field, value).await;
    }

    /// Puts text into a field as typing does that goes on: the field is not left.
    pub async fn type_on(&self, role: &str, name: &str, value: &str) {
        let field = self.role(role, name).await;
        let typed = field.send_keys(value).await;
        typed.unwrap_or_else(|error| panic!("type into {role} `{name}`: {error}"));
    }

    async fn fill_element(&self, field: Element, value: &str) {
        let script = "const [field, value] = arguments;
            const own = Object.getOwnPropertyDescriptor(Object.getPrototypeOf(field), 'value');
            field.focus();
            own.set.call(field, value);
            field.dispatchEvent(new Event('input', { bubbles: true }));
            field.dispatchEvent(new Event('change', { bubbles: true }));";
        let field = serde_json::to_value(field).expect("an element reference");
        let done = self.client.execute(script, vec![field, json!(value)]).await;
        done.unwrap_or_else(|error| panic!("fill with `{value}`: {error}"));
    }

    /// The shown text of an element.
    pub async fn text(&self, css: &str) -> String {
        self.see(css)
            .await
            .text()
            .await
            .unwrap_or_else(|error| panic!("text of `{css}`: {error}"))
    }
}
