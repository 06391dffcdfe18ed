package cmd

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"
)

// A contractField is a field of an answer as asof help --json lists it.
type contractField struct {
	list, optional bool
	answer         string          // the answer that the field holds; empty: none
	inside         *contractObject // the object that the field holds; nil: none
}

// A contractObject is the fields of an object.
type contractObject struct {
	name   string
	also   string // an answer whose fields it has as well
	fields map[string]contractField
}

// readContract reads the words of an answer up to a closing parenthesis.
func readContract(name string, words []string) (o *contractObject, rest []string) {
	o = &contractObject{name: name, fields: map[string]contractField{}}
	for len(words) > 0 {
		word := words[0]
		words = words[1:]
		if also, ok := strings.CutSuffix(word, ","); ok && len(words) > 0 && words[0] == "and" {
			o.also, words = also, words[1:]
			continue
		}
		bare := strings.TrimRight(word, ")")
		ends := len(word) - len(bare)
		var f contractField
		field, answer, _ := strings.Cut(bare, ":")
		field, f.optional = strings.CutSuffix(field, "?")
		field, f.list = strings.CutSuffix(field, "[]")
		field = strings.TrimSuffix(field, "{}")
		f.answer = answer
		if len(words) > 0 && strings.HasPrefix(words[0], "(") && ends == 0 {
			words[0] = words[0][1:]
			f.inside, words = readContract(name+" "+field, words)
		}
		o.fields[field] = f
		if ends > 0 {
			if ends > 1 { // it closes the objects around this one, too
				words = append([]string{strings.Repeat(")", ends-1)}, words...)
			}
			return o, words
		}
		if len(words) > 0 && strings.Trim(words[0], ")") == "" {
			if len(words[0]) > 1 {
				words[0] = words[0][1:]
				return o, words
			}
			return o, words[1:]
		}
	}
	return o, nil
}

// A contract is what asof help --json says about answers, and what was seen of it.
type contract struct {
	answers map[string]*contractObject
	seen    map[string]bool // ANSWER FIELD
}

func contractOf(t *testing.T, help string) *contract {
	var h struct {
		Answers []struct {
			Name   string
			Fields []string
		}
	}
	if err := json.Unmarshal([]byte(help), &h); err != nil {
		t.Fatal(err)
	}
	c := &contract{answers: map[string]*contractObject{}, seen: map[string]bool{}}
	for _, a := range h.Answers {
		o, rest := readContract(a.Name, strings.Fields(strings.Join(a.Fields, " ")))
		if len(rest) > 0 {
			t.Fatalf("%s: %q follows its fields", a.Name, rest)
		}
		c.answers[a.Name] = o
	}
	return c
}

// all are the fields of an object and of the answer that it has as well.
func (c *contract) all(o *contractObject) map[string]contractField {
	if o.also == "" {
		return o.fields
	}
	fields := maps.Clone(c.all(c.answers[o.also]))
	maps.Copy(fields, o.fields)
	return fields
}

// of is the object that a field holds; nil if it is not known to hold one.
func (c *contract) of(name string, f contractField) *contractObject {
	switch {
	case f.inside != nil:
		return f.inside
	case f.answer != "":
		return c.answers[f.answer]
	case c.answers[name] != nil && !strings.Contains(name, " "):
		return c.answers[name]
	case f.list:
		return c.answers[strings.TrimSuffix(name, "s")]
	}
	return nil
}

// opaque are the fields with JSON that asof does not define.
var opaque = []string{"data", "metadata", "state", "value", "from", "to", "body", "stored", "opening", "before", "after", "event", "row", "earlier", "would", "instead", "want", "got"}

// check compares a printed object with the contract, both ways.
func (c *contract) check(o *contractObject, x map[string]any) (faults []string) {
	fields := c.all(o)
	for name, v := range x {
		f, ok := fields[name]
		if !ok {
			faults = append(faults, fmt.Sprintf("%s: %q is not in the contract", o.name, name))
			continue
		}
		if v != nil {
			c.see(o, name)
		}
		faults = append(faults, c.value(o, name, f, v)...)
	}
	for name, f := range fields {
		if _, ok := x[name]; !ok && !f.optional {
			faults = append(faults, fmt.Sprintf("%s: %q is missing", o.name, name))
		}
	}
	return faults
}

// see notes a field, under the name of the answer that declares it.
func (c *contract) see(o *contractObject, name string) {
	for ; o.also != ""; o = c.answers[o.also] {
		if _, own := o.fields[name]; own {
			break
		}
	}
	c.seen[o.name+" "+name] = true
}

func (c *contract) value(o *contractObject, name string, f contractField, v any) (faults []string) {
	in := c.of(name, f)
	switch v := v.(type) {
	case []any:
		if !f.list && !slices.Contains(opaque, name) {
			return []string{fmt.Sprintf("%s: %q is a list", o.name, name)}
		}
		for _, x := range v {
			if x, ok := x.(map[string]any); ok && f.list {
				if in == nil {
					return []string{fmt.Sprintf("%s: the contract has no fields for the objects of %q", o.name, name)}
				}
				faults = append(faults, c.check(in, x)...)
			}
		}
	case map[string]any:
		counts := in == nil && !f.list
		for _, x := range v {
			_, isNumber := x.(float64)
			counts = counts && isNumber
		}
		switch {
		case counts || slices.Contains(opaque, name) && f.answer == "" && f.inside == nil && (in == nil || o.name == "audit prove"):
		case in == nil || f.list:
			return []string{fmt.Sprintf("%s: %q is an object", o.name, name)}
		default:
			return c.check(in, v)
		}
	case nil:
	default:
		if f.list || f.answer != "" || f.inside != nil {
			return []string{fmt.Sprintf("%s: %q is %v", o.name, name, v)}
		}
	}
	return faults
}

// unseen are the fields that nothing has printed.
func (c *contract) unseen() (names []string) {
	var walk func(o *contractObject)
	walk = func(o *contractObject) {
		for name, f := range o.fields {
			if !c.seen[o.name+" "+name] {
				names = append(names, o.name+" "+name)
			}
			if f.inside != nil {
				walk(f.inside)
			}
		}
	}
	for _, o := range c.answers {
		walk(o)
	}
	slices.Sort(names)
	return names
}

// contractLines are the runs that print every answer, as ANSWER: COMMAND. An answer "-"
// has no JSON and is refused. Lines that begin with a > write a file.
const contractLines = `
demo: demo
demo: demo more --events 100
-: demo --tour
--version: --version
help: help
help VERB: help log
help TOPIC: help json
help VERB: audit
help VERB: cache
help VERB: log -h
-: completion bash
-: mcp asof-demo.db
-: browse asof-demo.db
info: info asof-demo.db
info: info odd.ndjson
info: asof-demo.db
init: init asof-demo.db --print
init: init odd.ndjson --dir made
init: init asof-demo.db --dir made2
streams: streams asof-demo.db --limit 2
streams: streams odd.ndjson
log: log asof-demo.db cart-42 -p -n 3
log: log odd.ndjson cart-1
log: log odd.ndjson --all -p
show: show asof-demo.db cart-42@28
show: show odd.ndjson cart-1@2 --fold broken.js
replay: replay asof-demo.db cart-42 --path items[sku=cups-espresso]
replay: replay odd.ndjson cart-1 --fold broken.js --at 1
replay: replay odd.ndjson cart-1
replay: replay odd.ndjson cart-2
replay: replay bench.db cart-1
replay --step: replay asof-demo.db cart-42@3..5 --step
replay --step: replay asof-demo.db cart-42@3..5 --step -n 1
replay --effects: replay odd.ndjson cart-1@2 --effects --fold emits.js
replay --effects: replay odd.ndjson cart-1@2 --effects --fold emits.js -n 1
diff: diff asof-demo.db cart-42@3..28
diff: diff asof-demo.db cart-42@3..28 --stat
diff: diff asof-demo.db cart-42@5 cart-43@4
diff: diff asof-demo.db cart-42 --fold merge --fold s.n=1
diff --all: diff asof-demo.db --all 2026-01-22 2026-01-26 -n 0
diff --all: diff odd.ndjson --all start head
diff --all: diff asof-demo.db --all 2026-01-22 2026-01-26 -n 3
blame: blame asof-demo.db cart-42@28 /items
blame: blame asof-demo.db cart-42@3..28 /items[sku=cups-espresso]/qty
blame --history: blame asof-demo.db cart-42 /items[sku=cups-espresso]/qty --history -n 2
blame --reverse: blame asof-demo.db cart-42 --reverse
blame --reverse: blame asof-demo.db cart-42@3..28 /items[sku=cups-espresso]/qty --reverse
drift: drift odd.ndjson --fold broken.js --against asof-demo.db --table asof_events --key stream --map category=/n
drift: drift asof-demo.db cart --against asof-demo.db --table asof_events --key position --map category=/total
drift: drift asof-demo.db cart --against asof-demo.db --table asof_events --key stream --map category=/total -n 3
drift: drift asof-demo.db --fold merge --fold asof-demo/cart.js -n 3
materialize: materialize asof-demo.db cart --to contract.sqlite --columns total,status
materialize: materialize asof-demo.db cart --to contract.sqlite --columns total
materialize: materialize odd.ndjson --fold broken.js --to odd.sqlite
materialize: materialize asof-demo.db cart --to contract/ --shard 1/2
query: query asof-demo.db 'SELECT status, count(*), sum(total) FROM cart GROUP BY status'
query: query asof-demo.db 'SELECT stream FROM cart' --limit 2
query --explain: query asof-demo.db "SELECT a.stream, events.id FROM cart('pos:860') AS a JOIN events USING (stream) LIMIT 2" --explain
query --tables: query asof-demo.db --tables
trace: trace asof-demo.db order-2
trace: trace odd.ndjson cart-2@2
trace: trace odd.ndjson cart-2@2 -n 1
trace: trace odd.ndjson cart-3@1
why: why asof-demo.db cart-42@28 /total
why: why asof-demo.db cart-42@28 /total --depth 2
why: why asof-demo.db cart-42 /items --all
why: why asof-demo.db cart-42@28 /items/0/sku
why: why asof-demo.db order-10@2 /revenue
why: why odd.ndjson cart-1@2 /n --fold merge
-: why asof-demo.db cart-42 /total -o dot
bisect: bisect asof-demo.db cart-42 --bad state.total<0
bisect: bisect asof-demo.db cart-42 --bad state.total>100 --to 20
bisect: bisect asof-demo.db cart-42@..20 --run true
bisect: bisect asof-demo.db cart-42@..9 --run false
bisect: bisect asof-demo.db cart-42 --run 'exit 125' --dialect asof-sqlite --from 3 --projection cart --term-old fine --term-new broken
bisect: bisect odd.ndjson cart-1@..2 --bad state.n>0 --fold needs.js
bisect: bisect odd.ndjson cart-1@..2 --bad state.items[0].bad>0 --fold cause.js
bisect log: bisect log
-: bisect asof-demo.db cart-42
-: bisect replay search.log
bisect reset: bisect reset
check: bisect asof-demo.db --all --bad state.total<0
check: bisect asof-demo.db --all --bad state.total<0 --explain
check: check asof-demo.db --explain --releases releases.txt
check: check odd.ndjson --bad n=state.n>1 --fold broken.js
check: check odd.ndjson --bad n=state.items[0].bad>0 --fold cause.js
check: check odd.ndjson --bad n=state.n>1
> part1.json: check asof-demo.db --shard 1/2
> part2.json: check asof-demo.db --shard 2/2
check: merge-reports part1.json part2.json
mine: mine asof-demo.db
mine: mine asof-demo.db --fold 's.n = (s.n ?? 0) + (e.type == "Returned" ? -1 : 1)'
-: check asof-demo.db --junit -
check: check asof-demo.db --junit report.xml
info: info bank.db
check --live: check bank.db --live
check --live: check audits.db --live
check: check asof-demo.db -n 2
whatif: whatif asof-demo.db cart-42 --drop 23 --path /items[sku=cups-espresso]/qty
whatif: whatif asof-demo.db cart-42 --drop 23
report: report asof-demo.db cart-42 --bad state.total<0 -o page.html
report: report odd.ndjson cart-1 --culprit --config inv.toml --redact /data/mail -o page2.html
-: report asof-demo.db cart-42 -o -
shrink: shrink asof-demo.db cart-42 --bad state.total<0
shrink: shrink asof-demo.db cart-42 --bad state.total<0 --tests 3
log: shrink asof-demo.db cart-42 --bad state.total<0 --out - --format ndjson
-: shrink asof-demo.db cart-42 --bad state.total<0 --out - --format js
cache info: cache info
cache info: cache info -n 1
cache verify: cache verify asof-demo.db cart-42
cache verify (checks): cache verify asof-demo.db
cache info: cache clear
audit keygen: audit keygen --out audit.key
audit export: audit export asof-demo.db --stream cart-42 --key audit.key --out q1 --states each
audit export: audit export odd.ndjson --key audit.key --out q2 --redact /data/mail
-: audit export asof-demo.db -o csv
-: audit export asof-demo.db -o html
-: audit export asof-demo.db -o md --out -
audit export -o: audit export odd.ndjson -o html --out trail.html --redact /data/mail
audit export -o ndjson: audit export odd.ndjson -o ndjson
audit export -o ndjson: audit export asof-demo.db --stream order-2 -o ndjson --projection cart
audit verify: audit verify q1 --vkey audit.key.pub
audit verify: audit verify q1 --vkey audit.key.pub --since q2/checkpoint
audit prove: audit prove q1 cart-42@5
audit prove --out: audit prove q1 cart-42@5 --out one.proof
audit prove: audit sample q1 -n 2 --seed x
audit seal: audit seal asof-demo.db --log seals --key audit.key
audit seal: audit seal odd.ndjson --log seals --key audit.key
error: log asof-demo.db cart-4x
error: replay asof-demo.db cart-42 --fold broken2.js
`

// contractFiles are the files that contractLines read in addition to the demo.
var contractFiles = map[string]string{
	"odd.ndjson": `{"stream":"cart-1","category":"cart","version":1,"position":1,"id":"a","type":"Opened","revision":1,"time":"2026-03-01T10:00:00Z","actor":"x","correlation_id":"k","data":{"n":1,"mail":"someone@example.com","items":[{"sku":"a","qty":1}]},"metadata":{"by":"someone@example.com"}}
{"stream":"cart-1","category":"cart","version":2,"position":2,"id":"b","type":"Added","time":"2026-03-01T10:00:01Z","correlation_id":"k","causation_id":"a","data":{"n":2,"items":[{"sku":"a","qty":2}]}}
{"stream":"cart-1","category":"cart","version":3,"position":3,"id":"c","type":"Broke","time":"2026-03-01T10:00:02Z","data":null,"opaque":"encrypted"}
{"stream":"cart-2","category":"cart","version":2,"position":4,"id":"d","type":"Opened","time":"2026-03-01T10:00:03Z","correlation_id":"k","causation_id":"gone","data":{"n":3}}
{"stream":"cart-3","category":"cart","version":1,"position":5,"id":"e","type":"Opened","time":"2026-03-01T10:00:04Z","causation_id":"e","data":{"n":1}}
{"stream":"cart-4","category":"cart","version":1,"position":6,"id":"f","type":"Opened","time":"2026-03-01T10:00:05Z","correlation_id":"k","data":{"n":1}}
`,
	"inv.toml":     "[[projection]]\nname = \"odd\"\nstreams = \"cart-*\"\nfold = \"merge\"\n\n[[invariant]]\nname = \"few\"\nprojection = \"odd\"\ngood = \"state.n < 3\"\n",
	"releases.txt": "2026-01-23 2.3.0\n2026-01-31 2.3.1\n",
	"broken.js":    `fromAll().when({ Opened: (s, e) => { s.n = e.data.n }, Added: () => { throw new Error("no") } })`,
	"cause.js":     `fromAll().when({ $init: () => ({ items: [{ sku: "a", qty: 0, n: 0, bad: 0 }] }), Opened(s) { s.items[0].qty = 1; s.items[0].n = 1 }, Added(s) { s.items[0].bad = s.items[0].qty * s.items[0].n } })`,
	"broken2.js":   `fromAll().when({ `,
	"needs.js":     `fromAll().when({ Opened: (s, e) => { s.items = [e.data.n]; s.n = 1 }, Added: (s, e) => { s.items.push(e.data.n) } })`,
	"emits.js":     `fromAll().when({ Opened: (s, e) => { emit("out", "Emitted", { n: 1 }, { m: 2 }); linkTo("links", e); log("x"); return s } })`,
	"search.log":   "start {\"store\":\"asof-demo.db\",\"stream\":\"cart-42\",\"from\":null,\"to\":31}\nbad 31\n",
}

// TestContractIsWhole runs every verb with JSON and holds what it prints to the contract:
// no field that is not listed, no listed field that nothing prints, and no verb without
// JSON or a refusal.
func TestContractIsWhole(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	env := map[string]string{"TZ": "UTC", "HOME": filepath.Join(dir, "home"), "SHELL": "/bin/sh", "PATH": os.Getenv("PATH")}
	for name, text := range contractFiles {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := writeStore("bench", filepath.Join(dir, "bench.db"), 20000); err != nil {
		t.Fatal(err)
	}
	sqliteFile(t, filepath.Join(dir, "bank.db"), append(slices.Clone(rowsDDL), "ALTER TABLE bank_historicalaccount ADD COLUMN old text"))
	sqliteFile(t, filepath.Join(dir, "audits.db"), []string{
		"CREATE TABLE audits(id integer PRIMARY KEY, auditable_type text, auditable_id integer, action text, audited_changes text, created_at datetime)",
		"CREATE TABLE users(id integer PRIMARY KEY, name text)", "INSERT INTO users VALUES(1, 'ann')",
		`INSERT INTO audits VALUES(1, 'User', 1, 'create', '{"name":', '2026-03-01 09:00:00')`,
	})
	help, _, _ := run(t, dir, env, "help", "--json")
	c := contractOf(t, help)
	ran := map[string]bool{}
	for line := range strings.Lines(strings.TrimSpace(contractLines)) {
		answer, command, _ := strings.Cut(strings.TrimSpace(line), ": ")
		args := words(command)
		out, stderr, code := run(t, dir, env, append(args, "--json")...)
		if file, ok := strings.CutPrefix(answer, "> "); ok {
			if err := os.WriteFile(filepath.Join(dir, file), []byte(out), 0o600); err != nil {
				t.Fatal(err)
			}
			answer = "check"
		}
		if c.answers[answer] == nil && answer != "-" {
			t.Fatalf("%s: the contract has no answer %q", line, answer)
		}
		lines := 0
		for printed := range strings.Lines(out) {
			lines++
			var x map[string]any
			if err := json.Unmarshal([]byte(printed), &x); err != nil {
				t.Errorf("%s: %v in %.100s", command, err, printed)
				break
			}
			for _, fault := range c.check(c.answers[answer], x) {
				t.Errorf("%s: %s", command, fault)
			}
		}
		failed := 0
		for printed := range strings.Lines(stderr) {
			var x map[string]any
			if err := json.Unmarshal([]byte(printed), &x); err != nil || len(x) != 1 {
				t.Errorf("%s: standard error has %s", command, printed)
				continue
			}
			for name := range x {
				if name == "error" {
					failed++
				}
				for _, fault := range c.check(c.answers[name], x) {
					t.Errorf("%s: %s", command, fault)
				}
			}
		}
		switch {
		case answer == "-" && (code != exitUsage || lines > 0 || failed != 1):
			t.Errorf("%s: exit %d with %d lines, want a refusal", command, code, lines)
		case answer == "error" && failed == 0, answer != "-" && answer != "error" && lines == 0:
			t.Errorf("%s: exit %d, %d lines: %s", command, code, lines, stderr)
		}
		for n := range args {
			ran[strings.Join(args[:n+1], " ")] = true
		}
	}
	for _, name := range c.unseen() {
		t.Errorf("nothing prints %s", name)
	}
	root := (&app{}).command(nil)
	eachVerb(root, func(v *cobra.Command) {
		if name := verbPath(v); v.HasParent() && !ran[name] {
			t.Errorf("%s was not run with --json", name)
		}
	})
}
