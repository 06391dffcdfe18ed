package cmd

import (
	"iter"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"asof/inspect/ask"
	"asof/inspect/wire"
)

// addPage adds the flags of a list.
func (a *app) addPage(fl *pflag.FlagSet, q *ask.Page, limit int, usage string) {
	fl.IntVarP(&q.Limit, "limit", "n", limit, usage)
	fl.StringVar(&q.Cursor, "cursor", "", "continue the list that printed this cursor")
	fl.StringSliceVar(&a.fields, "fields", nil, "with --json, print only these fields of each row, such as stream,version")
}

// more notes that a list was cut, with the command that continues it. An empty cursor is that
// of a list that was not.
func (a *app) more(cursor string) {
	if cursor == "" {
		return
	}
	a.release()
	const text = "the list was cut at its limit"
	next := a.nextPage(cursor)
	if a.json {
		note := wire.NewNote("more", text)
		note.Note.Next = [][]string{next}
		a.writeErrJSON(note)
		return
	}
	a.printNote("more", text+"; the next page:\n      "+commandLine(next))
}

// nextPage returns the arguments of this run with a cursor.
func (a *app) nextPage(cursor string) []string {
	next := []string{"asof"}
	words := a.typed
	var rest []string
	if end := slices.Index(words, "--"); end >= 0 {
		words, rest = words[:end], words[end:]
	}
	for i := 0; i < len(words); i++ {
		switch word := words[i]; {
		case word == "--cursor":
			i++ // and its value
		case strings.HasPrefix(word, "--cursor="):
		default:
			next = append(next, word)
		}
	}
	return slices.Concat(next, []string{"--cursor", cursor}, rest)
}

// noting passes on a list and keeps the cursor of its last line.
func noting[A any](seq iter.Seq2[A, error], cursorOf func(A) string, cursor *string) iter.Seq2[A, error] {
	return func(yield func(A, error) bool) {
		for line, err := range seq {
			if err == nil {
				*cursor = cursorOf(line)
			}
			if !yield(line, err) {
				return
			}
		}
	}
}
