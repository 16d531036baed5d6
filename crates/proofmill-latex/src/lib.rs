//! LaTeX submissions to text: lexer, macro expander, structure, emitters.
