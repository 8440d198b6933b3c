package main

import "fmt"

// An object is a kind of object in the schema, with its extensions.
type object struct {
	name    string   // of the parser's method, and of what else there is of the kind
	goType  string   // that it is read into
	members []member // in their usual order, which is the one that AppendJSON writes
	begin   string   // what is to be done before the first member
	runs    []run    // of members that mostly stand side by side
	most    string   // how many a list of them may have, if there are lists
}

// A member of an object.
type member struct {
	name   string // in JSON
	field  string // in Go
	kind   kind
	method string // that reads the value, if it is an object, a list of objects or special
	short  bool   // a text of a few bytes, and not of the same number in each chunk
	usual  string // the usual value in JSON
	value  string // and in Go
	last   bool   // the object often ends with it
}

// run is a run of members, from the first on, that have their usual values, but for the
// last one if it has none. It is compared as one text.
type run struct {
	first, members int
	closing        bool // the object's brace follows
}

// kind is the type of a member's value.
type kind int

const (
	textKind kind = iota
	integerKind
	numberKind
	enumKind
	integersKind // a list of integers
	objectKind
	listKind // of objects
	// Special ones.
	nameKind    // object: the type of the chunk
	choicesKind // choices
	deltaKind   // delta
	specialKind // others
)

// label returns what stands before the member's value, after another member.
func (m member) label() string { return `,"` + m.name + `":` }

// number returns the name of the member's number.
func (o object) number(m member) string { return o.name + m.field }

// read returns the call that reads the member's value at the given position, whatever
// it is.
func (m member) read(at string) string {
	switch m.kind {
	case textKind:
		return fmt.Sprintf("p.textMember(%s, &o, &c.%s)", at, m.field)
	case integerKind:
		return fmt.Sprintf("p.intMember(%s, &o, &c.%s)", at, m.field)
	case numberKind:
		return fmt.Sprintf("p.floatMember(%s, &o, &c.%s)", at, m.field)
	case enumKind:
		return fmt.Sprintf("enumMember(p, %s, &o, &c.%s)", at, m.field)
	case integersKind:
		return fmt.Sprintf("p.bytesMember(%s, &o, &c.%s)", at, m.field)
	case objectKind:
		return fmt.Sprintf("objectMember(p, %s, &o, &c.%s, (*parser).%s)", at, m.field, m.method)
	case listKind:
		return fmt.Sprintf("listMember(p, %s, &o, &c.%s, (*parser).%sList)", at, m.field, m.method)
	default:
		return fmt.Sprintf("p.%s(%s, &o, c)", m.method, at)
	}
}

func text(name, field string) member     { return member{name: name, field: field, kind: textKind} }
func integer(name, field string) member  { return member{name: name, field: field, kind: integerKind} }
func number(name, field string) member   { return member{name: name, field: field, kind: numberKind} }
func enum(name, field string) member     { return member{name: name, field: field, kind: enumKind} }
func integers(name, field string) member { return member{name: name, field: field, kind: integersKind} }

// usually is a member with a usual value, in JSON and in Go.
func usually(usual, value string, m member) member {
	m.usual, m.value = usual, value
	return m
}

// word is a text of a few bytes, and not of the same number in each chunk.
func word(name, field string) member {
	return member{name: name, field: field, kind: textKind, short: true}
}

// closing is a member that the object often ends with.
func closing(m member) member {
	m.last = true
	return m
}

func objectOf(name, field, method string) member {
	return special(name, field, objectKind, method)
}

func listOf(name, field, method string) member { return special(name, field, listKind, method) }

func special(name, field string, kind kind, method string) member {
	return member{name: name, field: field, kind: kind, method: method}
}

var objects = []object{
	{name: "chunk", goType: "CreateChatCompletionData", runs: []run{{first: 1, members: 2}}, members: []member{
		text("id", "ID"),
		usually(`"chat.completion.chunk"`, "ObjectChatCompletionChunk", special("object", "Object", nameKind, "objectName")),
		number("created", "Created"),
		text("model", "Model"),
		text("provider", "Provider"),
		text("service_tier", "ServiceTier"),
		text("system_fingerprint", "SystemFingerprint"),
		closing(special("choices", "Choices", choicesKind, "choicesMember")),
		objectOf("usage", "Usage", "usage"),
		word("obfuscation", "Obfuscation"),
		special("error", "Error", specialKind, "errorMember"),
	}},
	{name: "choice", goType: "Choice", begin: "c.noDelta = true", most: "maxChoices", runs: []run{
		{first: 0, members: 2}, {first: 2, members: 2, closing: true},
	}, members: []member{
		usually("0", "Optional[int64]{0, set}", integer("index", "Index")),
		special("delta", "Delta", deltaKind, "deltaMember"),
		usually("null", "", objectOf("logprobs", "Logprobs", "logprobs")),
		usually("null", "", enum("finish_reason", "FinishReason")),
	}},
	{name: "delta", goType: "Delta", members: []member{
		usually(`"assistant"`, "Optional[Role]{RoleAssistant, set}", enum("role", "Role")),
		closing(word("content", "Content")),
		text("refusal", "Refusal"),
		closing(word("reasoning", "Reasoning")),
		closing(word("reasoning_content", "ReasoningContent")),
		text("reasoning_signature", "ReasoningSignature"),
		text("redacted_reasoning", "RedactedReasoning"),
		listOf("tool_calls", "ToolCalls", "toolCall"),
		objectOf("function_call", "FunctionCall", "function"),
		objectOf("audio", "Audio", "audio"),
	}},
	{name: "toolCall", goType: "ToolCall", most: "maxElements", members: []member{
		integer("index", "Index"),
		text("id", "ID"),
		usually(`"function"`, "Optional[ToolCallType]{ToolCallTypeFunction, set}", enum("type", "Type")),
		objectOf("function", "Function", "function"),
	}},
	{name: "function", goType: "FunctionCall", members: []member{
		text("name", "Name"),
		word("arguments", "Arguments"),
	}},
	{name: "audio", goType: "Audio", members: []member{
		text("id", "ID"),
		text("transcript", "Transcript"),
		text("data", "Data"),
		integer("expires_at", "ExpiresAt"),
	}},
	{name: "logprobs", goType: "Logprobs", members: []member{
		listOf("content", "Content", "token"),
		listOf("refusal", "Refusal", "token"),
	}},
	{name: "token", goType: "TokenLogprob", most: "maxElements", members: []member{
		text("token", "Token"),
		number("logprob", "Logprob"),
		integers("bytes", "Bytes"),
		listOf("top_logprobs", "TopLogprobs", "top"),
	}},
	{name: "top", goType: "TopLogprob", most: "maxElements", members: []member{
		text("token", "Token"),
		number("logprob", "Logprob"),
		integers("bytes", "Bytes"),
	}},
	{name: "usage", goType: "Usage", members: []member{
		integer("prompt_tokens", "PromptTokens"),
		integer("completion_tokens", "CompletionTokens"),
		integer("total_tokens", "TotalTokens"),
		objectOf("prompt_tokens_details", "PromptTokensDetails", "prompt"),
		objectOf("completion_tokens_details", "CompletionTokensDetails", "completion"),
	}},
	{name: "prompt", goType: "PromptTokensDetails", members: []member{
		integer("cached_tokens", "CachedTokens"),
		integer("audio_tokens", "AudioTokens"),
	}},
	{name: "completion", goType: "CompletionTokensDetails", members: []member{
		integer("reasoning_tokens", "ReasoningTokens"),
		integer("audio_tokens", "AudioTokens"),
		integer("accepted_prediction_tokens", "AcceptedPredictionTokens"),
		integer("rejected_prediction_tokens", "RejectedPredictionTokens"),
	}},
}
