package browse

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"asof/inspect/ask"
	"asof/replay"
	"asof/replay/state"
	"asof/replay/workspace"
)

// A written is the one file that a question writes.
type written struct {
	workspace.Files
	bytes.Buffer
}

func (w *written) Rewrite(string, func([]byte) bool) (workspace.NewFile, error) { return w, nil }
func (*written) Keep() error                                                    { return nil }
func (*written) Discard() bool                                                  { return true }

// A told is the data of a page for its script.
type told struct {
	Opening, Closing json.RawMessage
	Events           []struct {
		Version replay.Version
		Type    string
		Changes []struct {
			Op, Path, Label string
			From, To        json.RawMessage
		}
	}
}

// reported is the data of the page that report writes about a stream.
func reported(t *rapid.T, path, stream string) (page told) {
	file := &written{}
	w := workspace.New(workspace.Host{Dir: filepath.Dir(path), Files: file}, workspace.Options{NoCache: true})
	defer w.Close()
	q := ask.Report{Timeline: ask.Timeline{StoreRef: workspace.StoreRef{Store: path}, Stream: stream}, Out: "page.html"}
	if _, err := q.Ask(context.Background(), w); err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(file.String(), `id="data">`)
	packed, _, _ := strings.Cut(rest, "<")
	z, err := gzip.NewReader(base64.NewDecoder(base64.StdEncoding, strings.NewReader(packed)))
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(z)
	if err == nil {
		err = json.Unmarshal(text, &page)
	}
	if err != nil {
		t.Fatalf("the data of the page is %q: %v", text, err)
	}
	return page
}

// TestReportAgrees walks random stores: the page of report has at each event the changes
// that the screen has, and begins and ends with the states that it shows. That the script
// of a page makes the states between from these changes, as replay does, is tested there.
func TestReportAgrees(t *testing.T) {
	dir := t.TempDir()
	rapid.Check(t, func(rt *rapid.T) {
		path := filepath.Join(dir, fmt.Sprintf("%d.ndjson", time.Now().UnixNano()))
		if err := os.WriteFile(path, []byte(history(rt)), 0o600); err != nil {
			rt.Fatal(err)
		}
		defer os.Remove(path) //nolint:errcheck // so is its folder
		page := reported(rt, path, "s-1")
		d := drive(t, dir, Options{Ref: workspace.StoreRef{Store: path}, Stream: "s-1@1"}, 100, 30)
		d.keys("<left>")
		same := func(what string, got json.RawMessage, want state.Value) {
			if want.IsAbsent() && got == nil {
				return
			}
			v, err := state.Parse(got)
			if err != nil || !state.Equal(v, want) {
				rt.Fatalf("%s is %s on the page, %s on the screen: %v", what, got, state.AppendJSON(nil, want), err)
			}
		}
		same("the first state", page.Opening, d.m.stream.shown.state)
		for i, e := range page.Events {
			d.keys("<right>")
			f := d.m.stream.shown
			if f.version != e.Version || f.event.Type != e.Type || len(f.changes) != len(e.Changes) {
				rt.Fatalf("event %d is %d %s with %d changes on the page, %d %s with %d on the screen",
					i, e.Version, e.Type, len(e.Changes), f.version, f.event.Type, len(f.changes))
			}
			for k, c := range e.Changes {
				on := f.changes[k]
				if string(on.Op) != c.Op || on.Path != c.Path || on.Label != c.Label {
					rt.Fatalf("change %d of event %d is %+v on the page, %v %s %s on the screen", k, i, c, on.Op, on.Path, on.Label)
				}
				same("the value before", c.From, on.From)
				same("the value after", c.To, on.To)
			}
		}
		same("the last state", page.Closing, d.m.stream.shown.state)
		d.keys("<right>")
		if last := d.m.stream.shown.version; int(last) != len(page.Events) {
			rt.Fatalf("the screen ends at %d, the page with %d events", last, len(page.Events))
		}
	})
}
