package jsonfile

import (
	"bytes"
	"encoding/base64"
	"strings"

	"asof/replay"
	"asof/replay/store/cell"
)

// temporalHistory is the history of a Temporal workflow, {"events":[…]}, or several
// histories in a row, oldest or newest event first. The stream is the workflow, by its
// id if the file has the first event, else by the id of its run, and by both if the
// file contains several runs of a workflow. Versions are event ids. The payload is the
// event's attributes (details in exports of the older web page); Temporal's base64 data
// is shown as the JSON inside it, and data in another encoding, such as encrypted data,
// stays as it is. Every spelling of a type is shown like WorkflowExecutionStarted.
var temporalHistory = form{
	dialect: "temporal-history",
	how:     "the events have eventId, eventTime and eventType; the stream is the workflow",
	needs:   "eventId, eventTime and eventType",
	fits: func(m []cell.Member) bool {
		return cell.HasMember(m, "eventId") && cell.HasMember(m, "eventTime") && cell.HasMember(m, "eventType")
	},
	read: readTemporal,
	describe: func(x *index) []string {
		if !x.scoped {
			return nil
		}
		return []string{"some workflows have more than one run, so streams are named WORKFLOW/RUN"}
	},
}

func readTemporal(members []cell.Member, e *event, skip replay.Fields) (f *cell.TextError) {
	var attributes *cell.Member
	for i := range members {
		m := &members[i]
		switch key := string(m.Key); {
		case key == "eventId":
			e.version, e.hasVersion, f = m.LooseInteger()
		case key == "eventTime":
			f = e.looseTime(m)
		case key == "eventType":
			e.typ, f = m.Label()
		case isAttributes(key) && !m.IsNull():
			attributes = m
		}
		if f != nil {
			return f
		}
	}
	switch {
	case !e.hasVersion:
		return missing("eventId")
	case len(e.typ) == 0:
		return missing("eventType")
	}
	e.position, e.hasPosition = e.version, true
	e.inHistory, e.typ = true, temporalType(e.typ)
	if attributes != nil && string(e.typ) == "WorkflowExecutionStarted" {
		e.nameWorkflow(attributes.Value)
	}
	if attributes != nil && skip&replay.FieldData == 0 {
		e.data = appendPayloads(nil, attributes.Value, 0)
	}
	if skip&replay.FieldMeta == 0 {
		e.raw = unknownMembers(e.scratch, members, func(key string) bool {
			return key == "eventId" || key == "eventTime" || key == "eventType" || isAttributes(key)
		})
		e.scratch = e.raw
	}
	return nil
}

func isAttributes(key string) bool {
	return strings.HasSuffix(key, "EventAttributes") || key == "details"
}

// nameWorkflow reads the workflow's ids and type from its first event.
func (e *event) nameWorkflow(attributes []byte) {
	workflow, _ := (cell.Pointer{"workflowId"}).Find(attributes)
	run, _ := (cell.Pointer{"originalExecutionRunId"}).Find(attributes)
	if run == "" {
		run, _ = (cell.Pointer{"firstExecutionRunId"}).Find(attributes)
	}
	if workflow == "" {
		workflow, run = run, ""
	}
	e.stream, e.scope = []byte(workflow), []byte(run)
	if name, ok := (cell.Pointer{"workflowType", "name"}).Find(attributes); ok {
		e.category = []byte(name)
	}
}

// temporalType converts EVENT_TYPE_WORKFLOW_EXECUTION_STARTED, with or without its
// prefix, to WorkflowExecutionStarted.
func temporalType(typ []byte) []byte {
	rest, prefixed := bytes.CutPrefix(typ, []byte("EVENT_TYPE_"))
	if !prefixed && !bytes.Equal(typ, bytes.ToUpper(typ)) {
		return typ
	}
	out := make([]byte, 0, len(rest))
	start := true
	for _, c := range rest {
		switch {
		case c == '_':
			start = true
			continue
		case !start && c >= 'A' && c <= 'Z':
			c += 'a' - 'A'
		}
		out, start = append(out, c), false
	}
	return out
}

// maxUnpacked limits the depth at which payloads are decoded, because each level is
// scanned again.
const maxUnpacked = 24

// appendPayloads appends a value with its payloads decoded.
func appendPayloads(out, value []byte, depth int) []byte {
	if depth > maxUnpacked {
		return append(out, value...)
	}
	switch value[0] {
	case '{':
		members, ok := cell.WalkObject(value, nil)
		if !ok {
			return append(out, value...)
		}
		if doc, ok := temporalPayload(members); ok {
			return append(out, doc...)
		}
		if len(members) == 1 && string(members[0].Key) == "payloads" && members[0].Value[0] == '[' {
			return appendPayloads(out, members[0].Value, depth+1)
		}
		out = append(out, '{')
		for i := range members {
			if i > 0 {
				out = append(out, ',')
			}
			out = append(cell.AppendJSON(out, string(members[i].Key)), ':')
			out = appendPayloads(out, members[i].Value, depth+1)
		}
		return append(out, '}')
	case '[':
		return appendElements(out, value, depth)
	}
	return append(out, value...)
}

func appendElements(out, value []byte, depth int) []byte {
	whole := len(out)
	out = append(out, '[')
	i := cell.SkipSpaces(value, 1)
	for i < len(value) && value[i] != ']' {
		end, ok := cell.SkipJSON(value, i)
		if !ok {
			return append(out[:whole], value...)
		}
		out = appendPayloads(out, value[i:end], depth+1)
		if i = cell.SkipSpaces(value, end); i < len(value) && value[i] == ',' {
			out = append(out, ',')
			i = cell.SkipSpaces(value, i+1)
		}
	}
	return append(out, ']')
}

// temporalPayload returns the JSON inside a payload, {"metadata":{"encoding":…},
// "data":…}, if its encoding is JSON.
func temporalPayload(members []cell.Member) ([]byte, bool) {
	metadata, data := cell.MemberNamed(members, "metadata"), cell.MemberNamed(members, "data")
	if metadata == nil || len(members) > 2 || len(members) == 2 && !cell.HasMember(members, "data") {
		return nil, false
	}
	encoding, ok := (cell.Pointer{"encoding"}).Find(metadata.Value)
	if !ok {
		return nil, false
	}
	name, err := base64.StdEncoding.DecodeString(encoding)
	if err != nil {
		return nil, false
	}
	switch string(name) {
	case "binary/null":
		return cell.NullText, true
	case "json/plain", "json/protobuf":
	default:
		return nil, false
	}
	if data == nil {
		return nil, false
	}
	text, f := data.Text()
	if f != nil {
		return nil, false
	}
	doc, err := base64.StdEncoding.DecodeString(string(text))
	if err != nil {
		return nil, false
	}
	var s cell.Scanner
	if s.Document(doc) != nil {
		return nil, false
	}
	return bytes.TrimSpace(doc), true
}
