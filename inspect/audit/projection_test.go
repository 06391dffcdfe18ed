package audit_test

import (
	"strings"
	"testing"
	"time"

	"asof/inspect/audit"
	"asof/replay"
	"asof/replay/state"
)

// forOrders are merges that are made for orders.
func forOrders(id replay.StreamID, category string) (audit.Projection, error) {
	p, err := merged(id, category)
	if !orders(id, "") {
		p.For = `category = "order"`
	}
	return p, err
}

// A projection that folds streams it is not made for is named as that, in the report and
// in trails for people.
func TestProjectionOfOtherStreams(t *testing.T) {
	t.Parallel()
	k, v := newKey(t, 1, "shop")
	x := exportOf(k, shop(100))
	x.Projection = forOrders
	dir := write(t, x)
	mustBeSound(t, dir, audit.VerifyOptions{Key: v})
	files := contents(t, dir)
	report, err := state.Parse(files["report.json"])
	if err != nil {
		t.Fatal(err)
	}
	others := report.Node().Get("states").Node().Get("not_for").Node()
	if others.Len() != 1 || others.At(0).Node().Get("for").Text() != `category = "order"` {
		t.Errorf("not_for is %s", state.AppendJSON(nil, others.Value()))
	}
	if !strings.Contains(string(files["README.txt"]), `it is not made for: it is for category = "order"`) {
		t.Errorf("README.txt lacks it:\n%s", files["README.txt"])
	}
	for _, format := range audit.Formats {
		if text := trail(t, x, format); !strings.Contains(text, "order") || !strings.Contains(text, "merge") {
			t.Errorf("%s does not name the projection", format)
		}
	}
	x.Projection = merged
	if text := trail(t, x, "html"); strings.Contains(text, "not made for") {
		t.Error("the page says that merge is for other streams")
	}
}

// Bundles of older releases do not say what projections are for. They are as sound.
func TestOlderBundle(t *testing.T) {
	t.Parallel()
	k, v := newKey(t, 1, "shop")
	x := exportOf(k, shop(100))
	x.Projection = forOrders
	b := &insider{t, contents(t, write(t, x))}
	b.object("report.json", func(n *state.Node) { n.Get("states").Node().Delete("not_for") })
	b.lines("states/ends.ndjson", func(n *state.Node) *state.Node {
		n.Delete("projection_for")
		return n
	})
	if got := b.verify(k, audit.VerifyOptions{Key: v}); !got.Clean() {
		t.Errorf("it is not sound: %v", got.Findings)
	}
}

// A reader of a trail sees what the event said beside what it changed, and which number
// is the version and which the position.
func TestTrailsLabelWhatTheyShow(t *testing.T) {
	t.Parallel()
	k, _ := newKey(t, 1, "shop")
	x := exportOf(k, []replay.Event{{
		Stream: "cart-7", Version: 3, Position: 41, ID: "e", Type: "Named", Time: february, Data: []byte(`{"name":"Ada","n":9007199254740993}`),
	}})
	kolkata, err := time.LoadLocation("Asia/Kolkata")
	if err != nil {
		t.Fatal(err)
	}
	for format, want := range map[string][]string{
		"csv":    {"position,stream,version,", ",payload,projection,label\r\n", `"{""name"":""Ada"",""n"":9007199254740993}","merge",`, "T05:30:00+05:30"},
		"md":     {"cart-7<br>version 3<br>position 41", "name: Ada<br>n: 9007199254740993", "Times are in Asia/Kolkata.", "- merge, of 1 stream"},
		"html":   {"cart-7 · version 3 · position 41", "<tr><td>name</td><td>Ada</td></tr>", "in Asia/Kolkata", "<caption>state by merge</caption>"},
		"ndjson": {`"version":3`, `"position":41`, `"projection":"merge"`, `"projection_for":null`},
	} {
		var b strings.Builder
		tr := audit.Trail{Export: *x, Zone: kolkata}
		if _, err := tr.Write(t.Context(), &b, format); err != nil {
			t.Fatal(err)
		}
		for _, w := range want {
			if !strings.Contains(b.String(), w) {
				t.Errorf("%s lacks %q:\n%s", format, w, b.String())
			}
		}
	}
}
