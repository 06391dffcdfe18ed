package cmd

import (
	"cmp"
	"path/filepath"
	"slices"
	"strings"

	"asof/cmd/render"
	"asof/inspect/ask"
	"asof/inspect/wire"
)

// The formats of the file that shrink --out writes.
var shrinkFormats = map[string]string{
	".ndjson": "ndjson", ".jsonl": "ndjson", ".cloudevents": "cloudevents",
	".js": "js", ".mjs": "js", ".cjs": "js", ".go": "go", ".py": "python",
}

// isTest reports whether a format is a test and not a store.
func isTest(format string) bool { return slices.Contains([]string{"js", "go", "python"}, format) }

// shrinkFormat returns the format from --format, or from the extension of the file.
func shrinkFormat(format, file string) (string, error) {
	const forms = "the formats are ndjson, cloudevents, js, go and python"
	switch {
	case format != "" && file == "":
		return "", usagef("name the file with --out, or - for standard output", "--format without --out")
	case file == "":
		return "", nil
	case format != "":
		for _, f := range shrinkFormats {
			if f == format {
				return f, nil
			}
		}
		return "", usagef(forms, "unknown --format %q", format)
	}
	f, ok := shrinkFormats[filepath.Ext(file)]
	if !ok {
		return "", usagef("give --format: "+forms, "the extension of %q does not determine the format", file)
	}
	return f, nil
}

// shrunkFile returns the content of the file that shrink --out writes.
func shrunkFile(s *ask.Shrunk, o shrinkOptions) []byte {
	switch o.format {
	case "ndjson":
		return wire.EventLines(s.Events)
	case "cloudevents":
		return wire.CloudEvents(s.Events)
	}
	c := render.Case{
		Stream: s.Stream, From: o.Store, Fold: s.Case.Fold,
		Expr: o.Bad + o.Good, Good: o.Good != "", Events: s.Case.Events, State: s.State,
	}
	switch o.format {
	case "go":
		return c.Go()
	case "python":
		return c.Python()
	}
	return c.JavaScript()
}

// fileName returns a stream's name as a valid file name.
func fileName(stream string) string {
	name := strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("-_.", r) {
			return r
		}
		return '-'
	}, stream)
	return cmp.Or(strings.TrimLeft(name, "-"), "stream") // a program takes -x for a flag
}
