package scaffold

import (
	"context"
	"iter"
	"slices"
	"strings"
	"testing"

	"asof/replay"
)

// A history is the events of one stream, each as TYPE PAYLOAD.
type history struct {
	replay.Reader
	lines []string
}

func (history) Info() replay.Info { return replay.Info{} }

func (h history) Events(context.Context, replay.Query) iter.Seq2[*replay.Event, error] {
	return func(yield func(*replay.Event, error) bool) {
		for i, line := range h.lines {
			name, data, _ := strings.Cut(line, " ")
			e := &replay.Event{Stream: "acct-1", Category: "acct", Type: name, Data: []byte(data)}
			e.Version = replay.Version(i + 1)
			if !yield(e, nil) {
				return
			}
		}
	}
}

// draft returns the draft of a project for a history.
func draft(t *testing.T, lines ...string) *Draft {
	t.Helper()
	s, err := Look(t.Context(), history{lines: lines}, func(int64) {})
	if err != nil {
		t.Fatal(err)
	}
	return New(s, Store{Name: "s", Path: "s.db"})
}

// TestSign checks that only names that say so add or remove.
func TestSign(t *testing.T) {
	for name, want := range map[string]int{
		"MoneyDeposited": 1, "Deposit": 1, "deposit_made": 1, "AccountCredited": 1, "ItemAddedToCart": 1, "AddItem": 1, "PointsEarnedV2": 1,
		"Withdrawal": -1, "item-removed": -1, "RemoveItem": -1, "WithdrawalCompleted": -1,
		"DepositFailed": 0, "DepositReversed": 0, "DepositRequested": 0, "PendingWithdrawal": 0, "CreditLimitSet": 0, "CreditLimitIncreased": 0,
		"ItemNotAdded": 0, "AddItemFailed": 0, "ItemAddedToCartFailed": 0, "FeeCharged": 0, "Opened": 0, "": 0,
	} {
		if got := sign(name); got != want {
			t.Errorf("%s: got %d, want %d", name, got, want)
		}
	}
}

// TestGuessesAreLabeled checks that amounts are added, and that each uncertain handler
// says what to fill in.
func TestGuessesAreLabeled(t *testing.T) {
	for _, c := range []struct {
		name   string
		events []string
		has    []string // in the script
		hasNot []string
		unsure []string // types
	}{
		{
			"a failed deposit is no deposit",
			[]string{`Deposited {"amount":"1.00"}`, `DepositFailed {"amount":"5.00"}`},
			[]string{"s.balance = Decimal(s.balance ?? 0).plus(d.amount);", "amount is not part of balance"},
			nil,
			[]string{"DepositFailed"},
		},
		{
			"a fee may belong to the balance",
			[]string{`Opened {"initialBalance":"9.00"}`, `Deposited {"amount":"1.00"}`, `FeeCharged {"amount":"5.00"}`},
			[]string{"initialBalance is not part of balance"},
			nil,
			[]string{"FeeCharged", "Opened"},
		},
		{
			"a running total is not added",
			[]string{`SaleAdded {"total":10,"n":1}`, `SaleAdded {"total":25,"n":2}`},
			[]string{"s.total = d.total;"},
			[]string{".plus("},
			[]string{"SaleAdded"},
		},
		{
			"a sum that is overwritten",
			[]string{`PointsEarned {"points":10}`, `PointsExpired {"points":3}`},
			[]string{".plus(d.points)", "this sets points"},
			nil,
			[]string{"PointsExpired"},
		},
		{
			"a sum that begins",
			[]string{`Joined {"points":10}`, `PointsEarned {"points":3}`},
			[]string{".plus(d.points)"},
			nil, nil,
		},
		{"two amounts", []string{`Credited {"fee_amount":1,"net_amount":2}`}, []string{"s.fee_amount = d.fee_amount;"}, []string{".plus("}, []string{"Credited"}},
		{"the amount itself", []string{`Credited {"amount":1,"fee_amount":2}`}, []string{".plus(d.amount)"}, nil, nil},
		{
			"the key of an item is not its buyer",
			[]string{`ItemAdded {"customer_id":"c","product_id":"p","qty":1}`},
			[]string{"under(s.items ??= {}, d.product_id)"},
			nil, nil,
		},
		{
			"no key is no item",
			[]string{`StockAdded {"warehouse_id":"c","qty":1,"by_user_id":"u"}`, `StockAdded {"warehouse_id":"c","qty":1,"by_user_id":"u"}`},
			nil,
			[]string{"under("},
			nil,
		},
		{
			"other keys, other things",
			[]string{`CouponAdded {"code":"S"}`, `ItemAdded {"sku":"p","qty":1}`},
			[]string{"under(s.items ??= {}, d.sku)", "under(s.by_code ??= {}, d.code)"},
			nil, nil,
		},
		{
			"fractions of a quantity",
			[]string{`ItemAdded {"sku":"p","qty":"1.5"}`, `ItemRemoved {"sku":"p","qty":"1.5"}`},
			[]string{"if (Number(item.qty) === 0) delete s.items[d.sku];"},
			nil, nil,
		},
		{
			"names that every object has",
			[]string{`constructor {"a":1}`, `B {"a":1,"toString":2}`, `B {"a":1}`},
			[]string{"Object.hasOwn(counts, e.type)", `if (Object.hasOwn(d, "toString"))`},
			nil, nil,
		},
	} {
		d := draft(t, c.events...)
		script := d.Script(d.Parts[0])
		for _, want := range c.has {
			if !strings.Contains(script, want) {
				t.Errorf("%s: no %q in\n%s", c.name, want, script)
			}
		}
		for _, not := range c.hasNot {
			if strings.Contains(script, not) {
				t.Errorf("%s: %q in\n%s", c.name, not, script)
			}
		}
		var unsure []string
		for _, u := range d.Unsure() {
			unsure = append(unsure, strings.TrimPrefix(u, "acct.js: "))
		}
		if !slices.Equal(unsure, c.unsure) {
			t.Errorf("%s: unsure of %q, want %q", c.name, unsure, c.unsure)
		}
	}
}

// TestEndsSetTheStatus checks that an invariant about the status is never about one that no
// handler sets, as where the payload can't be read or is an amount.
func TestEndsSetTheStatus(t *testing.T) {
	for _, closed := range []string{"Closed", "Closed 7", `Closed {"n":1}`, `Closed {"amount":"1.00"}`, `Closed {"item":{"sku":"a","qty":1}}`, `Closed [1]`} {
		d := draft(t, `Opened {"n":1}`, closed)
		var script, invariants string
		for _, f := range d.Files() {
			script += f.Text
		}
		for _, p := range d.Parts {
			for _, i := range p.Invariants {
				invariants += i.Name + "\n"
			}
		}
		if strings.Contains(invariants, "nothing happens after Closed") != strings.Contains(script, `s.status = "Closed";`) || !strings.Contains(invariants, "after Closed") {
			t.Errorf("%s: the invariants are\n%sof the script\n%s", closed, invariants, script)
		}
	}
}

// TestNoInvariantOfWhatIsNotSet checks that a handler made simpler takes the invariants about
// its fields with it.
func TestNoInvariantOfWhatIsNotSet(t *testing.T) {
	d := draft(t, `Opened {"n":1,"name":"a"}`, `Deposited {"amount":2,"n":2}`, `Deposited {"amount":2,"n":2}`)
	p := d.Parts[0]
	all := slices.Clone(p.Invariants)
	kept := func() (names []string) {
		p.Invariants = slices.Clone(all)
		p.Keep(func(Invariant) bool { return true })
		for _, v := range p.Invariants {
			names = append(names, v.Name)
		}
		return names
	}
	if got := kept(); !slices.Contains(got, "balance is never below zero") {
		t.Fatalf("got %q", got)
	}
	for _, name := range []string{"Opened", "Deposited"} {
		for p.Simplify(name) {
		}
	}
	if got := kept(); !slices.Equal(got, []string{"Opened happens at most once"}) {
		t.Errorf("the script only counts, and the invariants are %q", got)
	}
}

// TestNoInvariantOfSpecialTypes checks types that no handler can have.
func TestNoInvariantOfSpecialTypes(t *testing.T) {
	d := draft(t, `$deleted {"a":1}`, `$any {"a":1}`, `Opened {"a":1}`)
	for _, v := range d.Parts[0].Invariants {
		if strings.Contains(v.Good, "$") {
			t.Errorf("%s: %s", v.Name, v.Good)
		}
	}
}

// TestNamesDistinguishCategories names projections and files of categories that differ
// only in case, or in characters not allowed in file names.
func TestNamesDistinguishCategories(t *testing.T) {
	s := &Survey{}
	for _, c := range []string{"ODD", "odd", "../x", "a/b", "a@b", "日本", ""} {
		s.Categories = append(s.Categories, &Category{Name: c})
	}
	d := New(s, Store{Name: "a \"b\"", Path: "x\u2028y\x7f"})
	seen := map[string]bool{}
	for _, p := range d.Parts {
		if seen[strings.ToLower(p.File)] || seen[strings.ToLower(p.Projection)] || strings.ContainsAny(p.File, "/\\") {
			t.Errorf("%q: projection %q in %q", p.Name, p.Projection, p.File)
		}
		seen[strings.ToLower(p.File)], seen[strings.ToLower(p.Projection)] = true, true
	}
	if text := d.Files()[0].Text; !strings.Contains(text, `"a \"b\"" = "x\u2028y\u007f"`) {
		t.Errorf("got %s", text)
	}
}

// TestSamplesAreAsStored shows a payload in a comment as it is written, but for what acts
// on a terminal.
func TestSamplesAreAsStored(t *testing.T) {
	script := draft(t, `Noted {"text":"a \"b\" C:\\dir","line":"\n"}`).Parts[0].script("s.db")
	if !strings.Contains(script, `//   {"text":"a \"b\" C:\\dir","line":"\n"}`+"\n") {
		t.Error(script)
	}
	for in, want := range map[string]string{"a\nb": `a\nb`, "\x1b[1m": `\u001b[1m`, `C:\`: `C:\`, "é\"": "é\""} {
		if got := comment(in, 20); got != want {
			t.Errorf("%q: got %s, want %s", in, got, want)
		}
	}
}

// TestRowsAreSet writes for the versions of a row what the library says, whatever its
// columns are called: nothing adds up, and a row that is deleted has no columns.
func TestRowsAreSet(t *testing.T) {
	s := &Survey{Categories: []*Category{}}
	for i, e := range []replay.Event{
		{Type: "insert", Row: replay.RowSet, Data: []byte(`{"amount":1.50,"sku":"a","qty":1}`)},
		{Type: "insert", Row: replay.RowSet, Data: []byte(`{"amount":1.50,"sku":"a","qty":1}`)},
		{Type: "item_added", Row: replay.RowSet, Data: []byte(`{"amount":2.50,"sku":"a","qty":2}`)},
		{Type: "delete", Row: replay.RowGone, Data: []byte(`{"amount":2.50,"sku":"a","qty":2}`)},
	} {
		e.Stream, e.Category, e.Version = "item/1", "item", replay.Version(i+1)
		s.add(&e)
	}
	s.Categories[0].settle()
	script := New(s, Store{Name: "s", Path: "s.db"}).Parts[0].script("s.db")
	for _, want := range []string{"s.amount = d.amount;", "s.qty = d.qty;", "if (column !== \"counts\") delete s[column];"} {
		if !strings.Contains(script, want) {
			t.Errorf("no %s in\n%s", want, script)
		}
	}
	for _, bad := range []string{"Decimal", "under(", "Fill in"} {
		if strings.Contains(script, bad) {
			t.Errorf("%s in\n%s", bad, script)
		}
	}
}
