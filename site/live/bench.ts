import { BenchElement } from './bench/bench-element.ts';

customElements.define('mptcp-bench', BenchElement);
