package fold

import (
	"strings"

	"asof/replay/fold/exec"
)

// A Kind is a language that a fold is written in.
type Kind uint8

// The kinds.
const (
	KindMerge   Kind = iota // payloads are merge patches
	KindCommand             // an external command
	KindFile                // a JavaScript file
	KindInline              // JavaScript, as it stands
)

// A Source is what somebody typed to say how to fold.
type Source struct {
	Kind Kind
	Text string // the command line, the file's path or the JavaScript
}

// ParseSource tells what kind of fold the text is: "merge", a command after
// "exec:", the path of a .js file, else JavaScript. Statements that end in .js
// are recognized by an equals sign, a semicolon or a line break.
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
