package ask_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"io"
	"slices"
	"strings"
	"testing"

	"asof/inspect/ask"
	"asof/inspect/wire"
	"asof/replay"
	"asof/replay/fault"
	"asof/replay/workspace"
)

// A frontEnd answers questions, one line of JSON each: {"ask":"blame","of":{…}}. It
// prints lines of JSON: notes, the answer or each line of it, and an error.
type frontEnd struct {
	space *workspace.Workspace
	out   io.Writer
}

func (f *frontEnd) write(x any) error {
	_, err := f.out.Write(append(wire.Append(nil, x), '\n'))
	return err
}

func (f *frontEnd) serve(ctx context.Context, in io.Reader) error {
	lines := bufio.NewScanner(in)
	for lines.Scan() {
		if err := f.question(ctx, lines.Bytes()); err != nil {
			x := wire.NewError(wire.Failure{Kind: string(fault.KindOf(err)), Message: f.space.Scrub(err.Error())}, "")
			if err := f.write(&x); err != nil {
				return err
			}
		}
	}
	return lines.Err()
}

func (f *frontEnd) question(ctx context.Context, line []byte) error {
	var message struct {
		Ask string          `json:"ask"`
		Of  json.RawMessage `json:"of"`
	}
	if err := json.Unmarshal(line, &message); err != nil {
		return err
	}
	i := slices.IndexFunc(ask.All, func(v ask.Verb) bool { return v.Name == message.Ask })
	if i < 0 {
		return workspace.Usagef("", "unknown question %q", message.Ask)
	}
	q := ask.All[i].New()
	d := json.NewDecoder(bytes.NewReader(message.Of))
	d.DisallowUnknownFields()
	if err := d.Decode(q.Fields()); err != nil {
		return err
	}
	w := f.space.Begin(func(n replay.Notice) {
		x := wire.NewNote(string(n.Code), n.Text)
		_ = f.write(&x)
	})
	return q.Ask(ctx, w, func(answer any) error { return f.write(answer) })
}

// questions asks each question once.
var questions = []struct{ line, answer string }{
	{`{"ask":"info","of":{"store":"shop.ndjson"}}`, `"events":3`},
	{`{"ask":"init","of":{"store":"shop.ndjson"}}`, `"written":false`},
	{`{"ask":"streams","of":{"store":"shop.ndjson","pattern":"order-*"}}`, `"stream":"order-1"`},
	{`{"ask":"log","of":{"store":"shop.ndjson","stream":"cart-1","patch":true,"changed":"/qty"}}`, `"changes":[{"from":1,"op":"replace"`},
	{`{"ask":"log-all","of":{"store":"shop.ndjson","shard":"1/1","types":["Placed"]}}`, `"data":{"total":5}`},
	{`{"ask":"trace","of":{"store":"shop.ndjson","stream":"order-1"}}`, `"caused":[{"asked":true`},
	{`{"ask":"why","of":{"store":"shop.ndjson","stream":"cart-1@2","path":"/qty"}}`, `"verdict":"matters"`},
	{`{"ask":"show","of":{"store":"shop.ndjson","stream":"cart-1@2"}}`, `"type":"Added"`},
	{`{"ask":"replay","of":{"store":"shop.ndjson","stream":"cart-1","at":"head~1","path":"/qty"}}`, `"state":1`},
	{`{"ask":"steps","of":{"store":"shop.ndjson","stream":"cart-1"}}`, `"state":{"qty":2}`},
	{`{"ask":"effects","of":{"store":"shop.ndjson","stream":"cart-1","fold":"fromAll().when({ Added(s, e) { emit('mail', 'Sent', {}) } })"}}`, `"kind":"emit"`},
	{`{"ask":"diff","of":{"store":"shop.ndjson","stream":"cart-1@1..2"}}`, `"op":"replace"`},
	{`{"ask":"diff-all","of":{"store":"shop.ndjson","from":"pos:1","to":"head"}}`, `"changed":2`},
	{`{"ask":"blame","of":{"store":"shop.ndjson","stream":"cart-1"}}`, `"path":"/qty"`},
	{`{"ask":"removed","of":{"store":"shop.ndjson","stream":"cart-1"}}`, `"removed":[]`},
	{`{"ask":"whatif","of":{"store":"shop.ndjson","stream":"cart-1","edits":[{"kind":"drop","version":2}]}}`, `"simulated":true`},
	{`{"ask":"history","of":{"store":"shop.ndjson","stream":"cart-1","path":"/qty"}}`, `"version":2`},
	{`{"ask":"check","of":{"store":"shop.ndjson","invariants":[{"name":"few","good":"!(state.qty > 1)"}],"shard":"1/1"}}`, `"version":2`},
	{`{"ask":"bisect","of":{"store":"shop.ndjson","stream":"cart-1","to":"head","bad":"state.qty > 1"}}`, `"exact":true`},
	{`{"ask":"bisect-folds","of":{"store":"shop.ndjson","stream":"cart-1","fold":"s.n = 1","other_fold":"s.n = e.data.qty"}}`, `"verdict":"found"`},
	{`{"ask":"bisect-run","of":{"store":"shop.ndjson","stream":"cart-1","command":"! grep -q '\"qty\":2'","timeout":"30s"}}`, `"predicate":"! grep`},
	{`{"ask":"bisect-all","of":{"store":"shop.ndjson","bad":"state.qty > 1"}}`, `"turns":1`},
	{`{"ask":"mine","of":{"store":"shop.ndjson"}}`, `"rules":[]`},
	{`{"ask":"merge-reports","of":{"files":["1.json","2.json"]}}`, `"events":3`},
	{`{"ask":"whatif","of":{"store":"shop.ndjson","stream":"cart-1","edits":[{"kind":"set","version":2,"path":"/data/qty","value":7},{"kind":"insert","version":2,"event":{"type":"Added","data":{"new":true}}}]}}`, `"edits":["set 2:/data/qty=7","insert after:2"]`},
	{`{"ask":"shrink","of":{"store":"shop.ndjson","stream":"cart-1","bad":"state.qty > 1","case":true}}`, `"minimal":true`},
	{`{"ask":"audit-export","of":{"store":"shop.ndjson","key":"audit.key","out":"q1"}}`, `"store_events":3`},
	{`{"ask":"audit-trail","of":{"store":"shop.ndjson","streams":["cart-*"],"format":"csv","out":"carts.csv"}}`, `"without_actor":2`},
	{`{"ask":"audit-verify","of":{"path":"q1"}}`, `"findings":[]`},
	{`{"ask":"audit-prove","of":{"folder":"q1","event":"cart-1@2"}}`, `"stream":"cart-1"`},
	{`{"ask":"audit-sample","of":{"folder":"q1","n":1,"seed":"case 4711"}}`, `"format"`},
	{`{"ask":"audit-seal","of":{"store":"shop.ndjson","key":"audit.key","log":"seals","witness":"newest"}}`, `"size":3`},
	{`{"ask":"materialize","of":{"store":"shop.ndjson","to":"read.sqlite"}}`, `"how":"built"`},
	{`{"ask":"drift","of":{"store":"shop.ndjson","against":"rows.db","model":"a","key":"id","columns":{"n":"/qty"}}}`, `"extra":["1"]`},
	{`{"ask":"check-live","of":{"store":"rows.db"}}`, `"verdict":"unrecorded"`},
	{`{"ask":"query","of":{"store":"shop.ndjson","sql":"SELECT qty FROM state WHERE stream = 'cart-1'"}}`, `{"row":{"qty":2}}`},
	{`{"ask":"query-plan","of":{"store":"shop.ndjson","sql":"SELECT qty FROM state WHERE stream = 'cart-1'"}}`, `"conditions":["stream = 'cart-1'"]`},
	{`{"ask":"query-tables","of":{"store":"shop.ndjson"}}`, `"name":"state_changes"`},
	{`{"ask":"report","of":{"store":"shop.ndjson","stream":"cart-1","bad":"state.qty > 1","out":"cart-1.html"}}`, `"verdict":"found"`},
	{`{"ask":"cache-info","of":{}}`, `"cleared":false`},
	{`{"ask":"kept-states","of":{"store":"shop.ndjson","stream":"cart-1"}}`, `"wrong":[]`},
	{`{"ask":"kept-check","of":{"store":"shop.ndjson","invariants":[{"name":"few","good":"!(state.qty > 1)"}],"shard":"1/1"}}`, `"wrong":false`},
	{`{"ask":"kept-bisect-all","of":{"store":"shop.ndjson","bad":"state.qty > 1"}}`, `"wrong":false`},
	{`{"ask":"cache-clear","of":{}}`, `"cleared":true`},
}

func TestFrontEndCanAskEverything(t *testing.T) {
	var out bytes.Buffer
	f := &frontEnd{space: newWorkspace(t), out: &out}
	asked := map[string]bool{}
	for _, q := range questions {
		out.Reset()
		if err := f.serve(t.Context(), strings.NewReader(q.line)); err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(out.String(), q.answer) || strings.Contains("\n"+out.String(), "\n{\"error\"") {
			t.Errorf("%s is answered\n%s", q.line, out.String())
		}
		asked[strings.Split(q.line, `"`)[3]] = true
	}
	for _, v := range ask.All {
		if !asked[v.Name] {
			t.Errorf("no verb asks %s", v.Name)
		}
	}
	for _, line := range []string{`{"ask":"what","of":{}}`, `{"ask":"blame","of":{}}`, `{"ask":"show","of":{"store":"x","stream":"y"}}`, `{"ask":"show","of":{"stor":"x"}}`} {
		out.Reset()
		if err := f.serve(t.Context(), strings.NewReader(line)); err != nil || !strings.HasPrefix(out.String(), `{"error"`) {
			t.Errorf("%s is answered\n%s%v", line, out.String(), err)
		}
	}
}
