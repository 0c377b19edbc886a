//! Parameter structs of the Library's partials; the templates themselves lie in `templates/` at the root.
