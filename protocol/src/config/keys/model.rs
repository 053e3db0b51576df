//! Keys of a run config: the model.

/// The rows before, then these, then the others.
macro_rules! model_keys {
    ($($before:tt)*) => {
        method_keys! {
            $($before)*
            Model {
                /// A local folder or a hub name (`owner/name`).
                model_name_or_path: String, LlamaFactory, Own, Free;
                /// A revision of a hub model.
                model_revision: String, LlamaFactory, No, Free;
                /// Where hub models are kept; default the cache Python's tools use.
                cache_dir: String, LlamaFactory, No, Free;
                /// The type that weights are computed in outside of training. `auto`, the only one with an effect here: as they are
                /// stored.
                infer_dtype: String, LlamaFactory, No;
            }
        }
    };
}
