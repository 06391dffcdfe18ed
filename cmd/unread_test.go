package cmd

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"asof/replay/fold/js"
)

// TestUnreadPartsChangeNoAnswer asks all verbs that fold about a store, and again with a fold
// that has one more function, which looks at the time of an event and is never called. Parts
// of events that only the fold spares are in the answers all the same.
func TestUnreadPartsChangeNoAnswer(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if out, code := runHere(dir, words("demo --events 600")); code != exitOK {
		t.Fatal(out)
	}
	file := filepath.Join(dir, "asof-demo", "cart.js")
	plain, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	looks := string(plain) + "\nfunction late(e) { return e.time; }\n"
	for text, spares := range map[string]bool{string(plain): true, looks: false} {
		s, err := js.Load("cart.js", text, js.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		if got := s.Unread() != 0; got != spares {
			t.Fatalf("the fold spares parts of events: %v", got)
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "long.ndjson"), longCart(12000), 0o600); err != nil {
		t.Fatal(err)
	}
	lines := []string{ // the others start from states that the first one keeps
		"replay long.ndjson cart-7", "blame long.ndjson cart-7", "blame long.ndjson cart-7 /items", "log long.ndjson cart-7 -p --reverse --limit 5",
		"log long.ndjson cart-7 -p --since 2026-01-09T07:00:00Z", "diff long.ndjson cart-7@11990..", "why long.ndjson cart-7 /total",
		`query long.ndjson "SELECT * FROM cart_changes WHERE stream = 'cart-7' AND version > 11995"`,
	}
	for _, verb := range slices.Concat(streamVerbs, foldVerbs, []string{
		"log D S --path /total", "log D S -p --reverse --limit 3", "log D S --path /total --reverse --limit 1", "log D --all -p --limit 40",
		"blame D S@10..28", "blame D S --json --limit 3 --history /total", "why D S@28 /items", "why D S@28 /items/0/qty --depth 3",
		`bisect D S --good "event.actor != 'customer-3'"`, "bisect D --all --bad state.total<0", "bisect D --all --bad state.total<0 --explain",
		`bisect D S --bad "state.total < 0 && event.time > '2026-01-26T11:08:00Z'"`, "check D", "check D --explain",
		`check D --bad "state.total < 0 && event.correlation_id != 'x'"`, "whatif D S --drop 3 --path /total", "mine D", "report D S -o -",
		"report D S --culprit -o -", "query D 'SELECT * FROM cart'", `query D "SELECT * FROM cart_history WHERE stream = 'cart-42'"`,
		`query D "SELECT * FROM cart_changes WHERE stream = 'cart-42'"`, "query D 'SELECT * FROM cart_changes ORDER BY position LIMIT 30'",
		`query D "SELECT * FROM cart_changes WHERE stream = 'cart-42' AND version > 25"`,
	}) {
		line := strings.Replace(strings.Replace(verb, " D", " asof-demo.db", 1), " S", " cart-42", 1)
		if lines = append(lines, line); !strings.HasPrefix(line, "report") { // a page is not JSON
			lines = append(lines, line+" --json")
		}
	}
	answers := map[string]string{}
	for i, text := range []string{string(plain), looks} {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		for _, line := range lines {
			// Not as wide as a screen, where the widths of columns depend on the time too.
			out, notes, code := run(t, dir, map[string]string{"TZ": "UTC"}, append(words(line), "--cache-dir", filepath.Join(dir, "cache"))...)
			out += notes
			if code != exitOK && code != exitFindings {
				t.Errorf("%s: exit %d\n%s", line, code, out)
			}
			out = strings.ReplaceAll(out, strconv.Quote(text), "")
			if i == 0 {
				answers[line] = out
			} else if diff := cmp.Diff(answers[line], out); diff != "" {
				t.Errorf("%s depends on what the fold reads of events:\n%s", line, diff)
			}
		}
	}
}

// longCart returns the events of a cart whose last item changes all the time.
func longCart(n int) []byte {
	var b []byte
	for v := 1; v <= n; v++ {
		at := time.Date(2026, 1, 1, 0, v, 0, 0, time.UTC).Format(time.RFC3339)
		one := `"type":"ItemQuantityChanged","data":{"sku":"cup","qty":` + strconv.Itoa(v%9) + `}`
		switch v {
		case 1:
			one = `"type":"CartOpened","data":{"customer":"c"}`
		case 2, 3, 4:
			one = `"type":"ItemAdded","data":{"sku":"` + [...]string{"tea", "pot", "cup"}[v-2] + `","qty":1,"price":"2.10"}`
		}
		b = fmt.Appendf(b, `{"stream":"cart-7","category":"cart","version":%d,"time":"%s","id":"e%d","metadata":{"actor":"a%d"},%s}`+"\n", v, at, v, v%7, one)
	}
	return b
}
