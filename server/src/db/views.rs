//! Kept views of the compare page.

use super::Db;
use protocol::api::SavedView;

impl Db {
    /// All of them, by name.
    pub async fn views(&self) -> Result<Vec<SavedView>, sqlx::Error> {
        let rows: Vec<(String, String)> = sqlx::query_as("SELECT name, query FROM views ORDER BY name")
            .fetch_all(self.read())
            .await?;
        Ok(rows
            .into_iter()
            .map(|(name, query)| SavedView { name, query })
            .collect())
    }

    /// Stores a view, replacing one of the same name.
    pub async fn keep_view(&self, view: &SavedView) -> Result<(), sqlx::Error> {
        let mut tx = self.write().await?;
        sqlx::query(
            "INSERT INTO views (name, query) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET query = excluded.query",
        )
        .bind(&view.name)
        .bind(&view.query)
        .execute(&mut *tx)
        .await?;
        tx.commit().await
    }

    pub async fn forget_view(&self, name: &str) -> Result<(), sqlx::Error> {
        let mut tx = self.write().await?;
        sqlx::query("DELETE FROM views WHERE name = ?")
            .bind(name)
            .execute(&mut *tx)
            .await?;
        tx.commit().await
    }
}
