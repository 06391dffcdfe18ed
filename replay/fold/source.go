package fold

import (
	"strings"

	"asof/replay/fold/exec"
)

// A Kind is the form in which a fold is written.
type Kind uint8

// Kinds of folds.
const (
	KindMerge   Kind = iota // payloads are merge patches
	KindCommand             // an external command
	KindFile                // a JavaScript file
	KindInline              // JavaScript as text
)

// A Source is a fold as the user typed it.
type Source struct {
	Kind Kind
	Text string // the command line, the file's path or the JavaScript
}

// ParseSource detects the kind of fold: "merge", a command after "exec:", the path
// of a .js file, otherwise JavaScript. Text that ends in .js is JavaScript if it
// has an equals sign, a semicolon or a line break.
func ParseSource(text string) Source {
	if command, ok := strings.CutPrefix(text, exec.Prefix); ok {
		return Source{KindCommand, command}
	}
	switch {
	case text == "merge":
		return Source{Kind: KindMerge}
	case strings.HasSuffix(text, ".js") && !strings.ContainsAny(text, "=;\n"):
		return Source{KindFile, text}
	}
	return Source{KindInline, text}
}

// IsScript reports whether the fold is JavaScript.
func (s Source) IsScript() bool { return s.Kind == KindFile || s.Kind == KindInline }
