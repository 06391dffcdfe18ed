package render

import (
	"maps"
	"slices"

	"asof/inspect/audit"
)

// The answers of asof audit show paths of keys, never keys.

// EventCount returns a number of events as text, such as "1,234 events".
func EventCount(n int64) string { return string(count(n, "event", "events")) }

// Keygen prints a verifier key.
func (p *Printer) Keygen(file, vkey string) {
	p.put(p.st.strong, clean(vkey))
	p.newline()
	p.text("  private key: " + clean(Quote(file)) + "; keep it, and keep it secret")
	p.newline()
	p.text("  verifier key: the line above, also in " + clean(Quote(file+".pub")) + "; give it to the auditor")
	p.newline()
	p.Next(KeygenNext(file))
}

// KeygenNext is the command to suggest after a new key, as arguments.
func KeygenNext(file string) [][]string {
	return [][]string{{"asof", "audit", "export", "STORE", "--key", file, "--out", "FOLDER"}}
}

// ExportedNext is the command to suggest after an export.
func ExportedNext(x *audit.Exported) [][]string {
	return [][]string{{"asof", "audit", "verify", x.Dir, "--vkey", x.VKey}}
}

// ProvedNext is the command to suggest after a proof in a file.
func ProvedNext(file string) [][]string {
	return [][]string{{"asof", "audit", "verify", file, "--vkey", "KEY"}}
}

// Exported prints what an export wrote.
func (p *Printer) Exported(x *audit.Exported) {
	p.put(p.st.strong, clean(x.Dir)+" holds "+count(x.Events, "event", "events")+" of "+count(x.Streams, "stream", "streams")+
		", sealed with all "+number(x.Store)+" of the store")
	p.newline()
	const col = 14
	p.field("root", col, clean(x.Root))
	p.field("verifier key", col, clean(x.VKey))
	if x.Withheld > 0 {
		p.field("withheld", col, count(x.Withheld, "field", "fields"))
	}
	for _, kind := range slices.Sorted(maps.Keys(x.Anomalies)) {
		p.field("anomaly", col, clean(kind)+": "+number(x.Anomalies[kind]))
	}
	if x.NoActor > 0 {
		p.field("no actor", col, count(x.NoActor, "event", "events"))
	}
	p.Next(ExportedNext(x))
}

// Verified prints the verdict on an export or a proof.
func (p *Printer) Verified(v *audit.Verified) {
	p.put(p.st.strong, clean(v.Path)+" "+verdictText(v))
	p.newline()
	if len(v.Findings) > 0 {
		p.findings(v.Findings, v.More)
		p.list("unchecked", 12, v.Skipped, "\n")
		return
	}
	const col = 12
	p.field("events", col, number(v.Events)+" of "+number(v.Store)+" sealed, of "+count(v.Streams, "stream", "streams"))
	p.field("origin", col, clean(v.Origin))
	p.field("root", col, clean(v.Root))
	if v.SinceSize >= 0 {
		p.field("since", col, "the first "+count(v.SinceSize, "leaf", "leaves")+" match the earlier checkpoint")
	}
	if v.Withheld > 0 {
		p.field("withheld", col, count(v.Withheld, "field", "fields")+"; their commitments match")
	}
	p.list("unproven", col, v.Limits, "\n")
	p.list("unchecked", col, v.Skipped, "\n")
}

func verdictText(v *audit.Verified) safe {
	switch v.Verdict() {
	case "findings":
		return "is not sound: " + count(int64(len(v.Findings))+v.More, "finding", "findings")
	case "incomplete":
		return "is consistent, but was not fully checked"
	}
	return "is sound: complete, in order, and unchanged since it was sealed"
}

func (p *Printer) findings(fs []audit.Finding, more int64) {
	t := &table{p: p, indent: 2, heads: true, lookahead: logAhead, cols: []column{
		{head: "kind"}, {head: "file", most: 24}, {head: "entry", most: 44}, {head: "what"},
	}}
	for _, f := range fs {
		t.add(row{cells: []cell{
			{{p.st.removed, clean(string(f.Kind))}}, {{paint{}, clean(f.File)}}, {{p.st.dim, clean(f.Entry)}}, {{paint{}, clean(f.What)}},
		}})
	}
	t.end()
	if more > 0 {
		p.text("  and " + count(more, "more finding", "more findings"))
		p.newline()
	}
}
