package workload

// mixed are streams in the proportions of 87 recorded ones of 18 providers: who
// sends what, in how many streams of how many chunks. Short streams and changes
// of shape inside a stream are what a decoder with a memory finds hardest.
var mixed = []struct {
	shape shape
	sizes []int
}{
	{openaiText, []int{716, 303, 283, 259, 237, 89, 82, 31, 27, 26, 17, 9}},
	{openaiPlain, []int{175, 17, 196, 22, 17, 16}},
	{openaiTools, []int{13, 13, 12}},
	{openaiLogprobs, []int{15, 4}},
	{openaiAudio, []int{19, 12}},
	{groq, []int{1104, 990, 95, 86, 75, 23, 4}},
	{azure, []int{75, 48, 42, 42, 41, 32, 13}},
	{hosted, []int{785}},
	{deepseek, []int{702, 220, 52, 28, 23, 13}},
	{zai, []int{734, 178, 82}},
	{qwen, []int{275, 6}},
	{ollama, []int{287, 174, 117, 55, 47, 16}},
	{openrouter, []int{179, 103, 100, 84, 63, 49, 47, 36, 26, 20, 19, 7, 6, 5, 5}},
	{mistral, []int{103, 82, 43, 15, 4}},
	{mistralParts, []int{159, 144}},
	{reasonerGateway, []int{95, 25, 19, 8, 7, 7, 5}},
	{litellm, []int{34}},
}

// reasonerGateway is a gateway in front of a reasoner; it ticks.
func reasonerGateway(seed uint64, n int) []byte { return reasoner(seed, n, true) }

// Mix is the generated mix.
func Mix() *Workload {
	var streams [][]byte
	for i, m := range mixed {
		for j, n := range m.sizes {
			streams = append(streams, m.shape(uint64(1000*i+j), n))
		}
	}
	return newWorkload("mix", "generated streams in the proportions of the recordings, each from a fresh start", streams...)
}
