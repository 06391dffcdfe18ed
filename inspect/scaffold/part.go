package scaffold

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
)

// A Part is the projection of one category.
type Part struct {
	*Category
	Projection string // its name
	File       string // of its script
	Invariants []Invariant

	counts, status string // members added by the script
	balance        string // the member for the sum of amounts; empty: none
	items, inItem  string // the member for things by key, and their quantity
	itemKey        string // the key; things with another key have their own member
	unsure         []string
}

// An Invariant is a condition that may hold after every event of a part.
type Invariant struct {
	Name, Good string

	reads []string // members of the state
}

func newPart(c *Category, projection, file string) *Part {
	p := &Part{Category: c, Projection: projection, File: file}
	p.counts, p.status = p.free("counts", "event_counts"), p.free("status", "last_event")
	for _, t := range c.Types {
		if a, ok := p.amount(t); ok && a.money {
			p.balance = p.free("balance", "running_balance")
		}
		if i, ok := p.thing(t); ok && (p.items == "" || p.inItem == "" && i.quantity != nil) {
			p.items, p.inItem, p.itemKey = p.free("items", "by_"+lower(i.key.name)), nameOf(i.quantity), i.key.name
		}
	}
	p.candidates()
	return p
}

// free returns the first name that is not a payload field, with a number if necessary.
func (p *Part) free(names ...string) string {
	for _, name := range names {
		if !p.hasField(name) {
			return name
		}
	}
	name := names[len(names)-1]
	for n := 2; ; n++ {
		if numbered := name + "_" + strconv.Itoa(n); !p.hasField(numbered) {
			return numbered
		}
	}
}

func (p *Part) hasField(name string) bool {
	return slices.ContainsFunc(p.Types, func(t *Type) bool {
		return slices.ContainsFunc(t.shape.fields, func(f *field) bool { return f.name == name })
	})
}

// holder returns the member for things with a key.
func (p *Part) holder(key *field) string {
	if key.name == p.itemKey {
		return p.items
	}
	return p.free("by_" + lower(key.name))
}

// An amount is a field that is added or taken away.
type amount struct {
	field *field
	sign  int
	money bool // it belongs to a balance
}

func (p *Part) amount(t *Type) (a amount, ok bool) {
	a.sign, a.money = sign(t.Name), movesMoney(t.Name)
	if a.sign == 0 || t.plain {
		return a, false
	}
	a.field = only(t.shape.fields, func(f *field) bool { return f.isAmount() && endsWith(f.name, amountWords) },
		func(f *field) bool { return strings.EqualFold(f.name, "amount") },
		func(f *field) bool { return endsWith(f.name, []string{"amount"}) })
	return a, a.field != nil
}

// only returns the single candidate field, or the single preferred one. If several are
// as good, it returns none and leaves the choice to the reader.
func only(fields []*field, may func(*field) bool, preferred ...func(*field) bool) *field {
	var all []*field
	for _, f := range fields {
		if may(f) {
			all = append(all, f)
		}
	}
	if len(all) == 1 {
		return all[0]
	}
	for _, better := range preferred {
		if f := only(all, better); f != nil {
			return f
		}
	}
	return nil
}

// isTotal reports whether a field is a total of amounts.
func (f *field) isTotal() bool { return f.isAmount() && endsWith(f.name, stockWords) }

// sums reports whether a handler adds to the named member.
func (p *Part) sums(name string) bool {
	return slices.ContainsFunc(p.Types, func(t *Type) bool {
		a, ok := p.amount(t)
		return ok && a.field.name == name && !a.money && !p.hasThing(t)
	})
}

// A thing has a key, and there may be several of it, such as an item.
type thing struct {
	sign     int
	within   *field // the field with it; nil: the payload itself
	shape    *shape
	key      *field
	quantity *field // nil: there is none
}

func (p *Part) thing(t *Type) (i thing, ok bool) {
	i.sign, i.shape = sign(t.Name), &t.shape
	if i.sign == 0 || t.plain || movesMoney(t.Name) {
		return i, false
	}
	if !i.find(t.Name) {
		for _, f := range t.shape.fields {
			if f.objects == f.seen && f.always(&t.shape) && !ok {
				i.within, i.shape = f, &f.inner
				ok = i.find(t.Name)
			}
		}
		return i, ok
	}
	return i, true
}

// find finds the key, which is in every payload and does not name the stream. An id is
// the key of what its name says: customer_id is not a key of items.
func (i *thing) find(eventType string) bool {
	within := ""
	if i.within != nil {
		within = i.within.name
	}
	ofType := func(f *field) bool {
		first := words(f.name)[:1]
		return hasWord(eventType, first) || hasWord(within, first)
	}
	i.key = only(i.shape.fields, func(f *field) bool {
		known := endsWith(f.name, keyWords) || isKey(f.name) && (ofType(f) || hasWord(f.name, thingWords))
		return known && (f.isText() || f.isWhole()) && f.always(i.shape) && !f.namesStream()
	}, func(f *field) bool { return endsWith(f.name, keyWords[:1]) }, ofType)
	i.quantity = only(i.shape.fields, func(f *field) bool {
		return f != i.key && endsWith(f.name, countWords) && f.isAmount() && f.always(i.shape)
	}, func(f *field) bool { return len(words(f.name)) == 1 })
	return i.key != nil
}

// one is a single value added to a list, such as the trick of TrickAdded.
func (p *Part) one(t *Type) (f *field, ok bool) {
	if sign(t.Name) == 0 || t.plain {
		return nil, false
	}
	for _, x := range t.shape.fields {
		if x.namesStream() || endsWith(x.name, []string{"at", "time", "timestamp", "date", "by"}) {
			continue
		}
		if f != nil || !x.always(&t.shape) {
			return nil, false
		}
		f = x
	}
	return f, f != nil && (f.isText() || f.objects == f.seen)
}

func nameOf(f *field) string {
	if f == nil {
		return ""
	}
	return f.name
}

// candidates returns the invariants that may hold, strongest first.
func (p *Part) candidates() {
	try := func(name, good string, reads ...string) {
		p.Invariants = append(p.Invariants, Invariant{comment(name, nameLength), good, reads})
	}
	if p.balance != "" {
		balance := member("state", p.balance)
		try(p.balance+" is never below zero", "("+balance+" ?? 0) >= 0", p.balance)
		for _, t := range p.Types {
			for _, f := range t.shape.fields {
				if sign(t.Name) == 0 && f.isAmount() && !f.negative && hasWord(f.name, []string{"limit", "overdraft"}) {
					try(p.balance+" is never below the "+f.name, "("+balance+" ?? 0) >= -("+member("state", f.name)+" ?? 0)", p.balance, f.name)
				}
			}
		}
	}
	if p.items != "" && p.inItem != "" {
		try("no quantity is negative", "Object.values("+member("state", p.items)+" ?? {}).every(item => "+member("item", p.inItem)+" >= 0)", p.items)
	}
	handled := slices.DeleteFunc(slices.Clone(p.Types), func(t *Type) bool { return slices.Contains(special, t.Name) })
	for _, t := range handled {
		if ends(t.Name) {
			try("nothing happens after "+t.Name, member("state", p.status)+" !== "+text(t.Name)+" || event?.type === "+text(t.Name), p.status)
		}
	}
	seldom := slices.Clone(handled)
	slices.SortStableFunc(seldom, func(a, b *Type) int { return cmp.Compare(b.Events, a.Events) })
	for _, t := range seldom {
		if sign(t.Name) == 0 && !t.repeats {
			try(t.Name+" happens at most once", "("+counted(p.counts, t.Name)+" ?? 0) <= 1")
		}
	}
	for _, t := range seldom {
		for _, f := range t.shape.fields {
			if sign(t.Name) == 0 && f.isAmount() && f.numbers > 0 && !f.negative {
				try(f.name+" is never negative", "("+member("state", f.name)+" ?? 0) >= 0", f.name)
			}
		}
	}
	try("every event is counted", "Object.values("+member("state", p.counts)+" ?? {}).every(n => n > 0)")
	p.Invariants = distinct(p.Invariants)
}

// counted is the number of events of a type.
func counted(counts, eventType string) string {
	m := member("state", counts)
	return m + "?" + strings.TrimPrefix(strings.Replace(member(m, eventType), m+"[", m+".[", 1), m)
}

// distinct makes the names of invariants unique, and drops duplicates.
func distinct(all []Invariant) []Invariant {
	var out []Invariant
	for _, v := range all {
		if slices.ContainsFunc(out, func(x Invariant) bool { return x.Good == v.Good }) {
			continue
		}
		name := v.Name
		for n := 2; slices.ContainsFunc(out, func(x Invariant) bool { return x.Name == v.Name }); n++ {
			v.Name = name + " (" + strconv.Itoa(n) + ")"
		}
		out = append(out, v)
	}
	return out
}
