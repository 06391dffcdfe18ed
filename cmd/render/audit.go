package render

import (
	"maps"
	"slices"

	"asof/inspect/audit"
	"asof/replay/state"
)

// The answers of asof audit. Paths of keys are shown, keys never.

// EventCount is a number of events in words.
func EventCount(n int64) string { return string(count(n, "event", "events")) }

// Keygen prints a verifier key: in JSON {"key_file","public_file","verifier_key"}.
func (p *Printer) Keygen(file, vkey string) {
	if p.o.JSON {
		n := state.NewObject()
		n.Set("key_file", state.StringValue(file))
		n.Set("public_file", state.StringValue(file+".pub"))
		n.Set("verifier_key", state.StringValue(vkey))
		p.jsonLine(n.Value())
		return
	}
	p.put(p.st.strong, clean(vkey))
	p.newline()
	p.text("  the private key is in " + clean(Quote(file)) + ": keep it, and keep it to yourself")
	p.newline()
	p.text("  the line above is for whoever verifies, and in " + clean(Quote(file+".pub")))
	p.newline()
	p.next("asof audit export STORE --key " + Quote(file) + " --out FOLDER")
}

// next prints the command to type next.
func (p *Printer) next(command string) {
	p.dim("next:")
	p.text(" " + clean(command))
	p.newline()
}

// Exported prints what an export wrote: in JSON {"folder","events","store_events",
// "streams","fields_withheld","anomalies":{},"without_actor","checkpoint",
// "root","verifier_key","survivors":[{"path","events"}]}.
func (p *Printer) Exported(x *audit.Exported) {
	if p.o.JSON {
		p.jsonLine(exportedJSON(x))
		return
	}
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
	p.next("asof audit verify " + Quote(x.Dir) + " --vkey " + x.VKey)
}

func exportedJSON(x *audit.Exported) state.Value {
	anomalies := state.NewObject()
	for _, kind := range slices.Sorted(maps.Keys(x.Anomalies)) {
		anomalies.Set(kind, jsonInt(x.Anomalies[kind]))
	}
	survivors := state.NewArray()
	for _, s := range x.Survivors {
		one := state.NewObject()
		one.Set("path", state.StringValue(s.Path))
		one.Set("events", jsonInt(s.Events))
		survivors.Append(one.Value())
	}
	n := state.NewObject()
	n.Set("folder", state.StringValue(x.Dir))
	n.Set("events", jsonInt(x.Events))
	n.Set("store_events", jsonInt(x.Store))
	n.Set("streams", jsonInt(x.Streams))
	n.Set("fields_withheld", jsonInt(x.Withheld))
	n.Set("anomalies", anomalies.Value())
	n.Set("without_actor", jsonInt(x.NoActor))
	n.Set("checkpoint", state.StringValue(string(x.Checkpoint)))
	n.Set("root", state.StringValue(x.Root))
	n.Set("verifier_key", state.StringValue(x.VKey))
	n.Set("survivors", survivors.Value())
	return n.Value()
}

// Verified prints what verifying came to: in JSON {"path","verdict","findings":
// [{"kind","file","entry","what"}],"more","skipped":[],"limits":[],"events",
// "store_events","streams","fields_withheld","origin","root","since"}. The verdict
// is sound, findings or incomplete; since is the size of the earlier checkpoint.
func (p *Printer) Verified(v *audit.Verified) {
	if p.o.JSON {
		p.jsonLine(verifiedJSON(v))
		return
	}
	p.put(p.st.strong, clean(v.Path)+" "+verdictText(v))
	p.newline()
	if len(v.Findings) > 0 {
		p.findings(v)
		return
	}
	const col = 12
	p.field("events", col, number(v.Events)+" of "+number(v.Store)+" sealed, of "+count(v.Streams, "stream", "streams"))
	p.field("origin", col, clean(v.Origin))
	p.field("root", col, clean(v.Root))
	if v.SinceSize >= 0 {
		p.field("since", col, "the first "+count(v.SinceSize, "leaf", "leaves")+" are those of the earlier checkpoint")
	}
	if v.Withheld > 0 {
		p.field("withheld", col, count(v.Withheld, "field", "fields")+", to which the commitments hold")
	}
	p.list("not told", col, v.Limits, "\n")
	p.list("unchecked", col, v.Skipped, "\n")
}

func verdict(v *audit.Verified) string {
	switch {
	case len(v.Findings) > 0:
		return "findings"
	case len(v.Skipped) > 0:
		return "incomplete"
	}
	return "sound"
}

func verdictText(v *audit.Verified) safe {
	switch verdict(v) {
	case "findings":
		return "is not sound: " + count(int64(len(v.Findings))+v.More, "finding", "findings")
	case "incomplete":
		return "agrees with itself, but not all of it was checked"
	}
	return "is sound: whole, in order, and unchanged since it was sealed"
}

func (p *Printer) findings(v *audit.Verified) {
	t := &table{p: p, indent: 2, heads: true, ahead: logAhead, cols: []column{
		{head: "kind"}, {head: "file", most: 24}, {head: "entry", most: 44}, {head: "what"},
	}}
	for _, f := range v.Findings {
		t.add(row{cells: []cell{
			{{p.st.removed, clean(string(f.Kind))}}, {{paint{}, clean(f.File)}}, {{p.st.dim, clean(f.Entry)}}, {{paint{}, clean(f.What)}},
		}})
	}
	t.end()
	if v.More > 0 {
		p.text("  and " + count(v.More, "more finding", "more findings"))
		p.newline()
	}
	p.list("unchecked", 12, v.Skipped, "\n")
}

func verifiedJSON(v *audit.Verified) state.Value {
	n := state.NewObject()
	n.Set("path", state.StringValue(v.Path))
	n.Set("verdict", state.StringValue(verdict(v)))
	n.Set("findings", findingsJSON(v))
	n.Set("more", jsonInt(v.More))
	n.Set("skipped", jsonTexts(v.Skipped))
	n.Set("limits", jsonTexts(v.Limits))
	n.Set("events", jsonInt(v.Events))
	n.Set("store_events", jsonInt(v.Store))
	n.Set("streams", jsonInt(v.Streams))
	n.Set("fields_withheld", jsonInt(v.Withheld))
	n.Set("origin", jsonText(v.Origin))
	n.Set("root", jsonText(v.Root))
	n.Set("since", state.NullValue())
	if v.SinceSize >= 0 {
		n.Set("since", jsonInt(v.SinceSize))
	}
	return n.Value()
}

func findingsJSON(v *audit.Verified) state.Value {
	findings := state.NewArray()
	for _, f := range v.Findings {
		one := state.NewObject()
		one.Set("kind", state.StringValue(string(f.Kind)))
		one.Set("file", state.StringValue(f.File))
		one.Set("entry", jsonText(f.Entry))
		one.Set("what", state.StringValue(f.What))
		findings.Append(one.Value())
	}
	return findings.Value()
}
