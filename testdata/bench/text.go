//go:build unix

package main

import (
	"context"
	"fmt"
	"iter"
	"math/rand/v2"
	"strings"
	"time"

	"asof/fixtures/kit"
	"asof/fixtures/sqlitefile"
	"asof/replay"
)

const (
	textStream  = "doc-1"
	textLetters = 8000
)

// textEvents is the number of edits, one for every thousand events of the other stores.
func (b *bench) textEvents() int { return max(2, b.events/1000) }

// writeText writes a store of one text that is edited.
func (b *bench) writeText(ctx context.Context, name, alphabet string) error {
	return b.written(name, func(path string) error {
		return sqlitefile.WriteNative(ctx, path, edits(b.textEvents(), []rune(alphabet)))
	})
}

// edits yields a text and then random edits of it.
func edits(n int, alphabet []rune) iter.Seq[replay.Event] {
	return func(yield func(replay.Event) bool) {
		d := rand.New(rand.NewPCG(20, 20))
		letters := func(n int) string {
			var b strings.Builder
			for range n {
				b.WriteRune(alphabet[d.IntN(len(alphabet))])
			}
			return b.String()
		}
		for v := 1; v <= n; v++ {
			e := replay.Event{
				Stream: textStream, Category: "doc", Version: replay.Version(v), Position: replay.Position(v), ID: kit.UUID(fmt.Sprint("edit ", v)),
				Type: "Edited", Revision: 1, Time: kit.Opened.Add(time.Duration(v) * time.Second),
			}
			if e.Data = fmt.Appendf(nil, `{"at":%d,"gone":%d,"put":%q}`, d.IntN(textLetters/2), d.IntN(3), letters(d.IntN(4))); v == 1 {
				e.Type, e.Data = "Opened", fmt.Appendf(nil, `{"text":%q}`, letters(textLetters))
			}
			if !yield(e) {
				return
			}
		}
	}
}

// textCases edit a text as a list of letters and by slices, in ASCII and beyond.
func (b *bench) textCases() []*kase {
	var cs []*kase
	for _, script := range []string{"text.js", "slice.js"} {
		for _, name := range []string{"ascii", "letters"} {
			group := script + " " + name
			one := []*kase{{name: "asof replay, " + group, args: b.cold("replay", b.store(name), textStream, "--fold", b.peer(script)), answer: group}}
			if b.has("Node", "sqlite3") {
				const pipe = `sqlite3 -readonly -json "$1" "SELECT version, type, data FROM asof_events ORDER BY version" | node "$2" "$3"`
				one = append(one, &kase{
					name: "sqlite3 | Node, the same handlers", answer: group,
					args: []string{"sh", "-c", pipe, "sh", b.store(name), b.peer("lines.cjs"), b.peer(script)},
				})
			}
			cs = append(cs, b.inGroup(group, b.textEvents(), one)...)
		}
	}
	return cs
}
