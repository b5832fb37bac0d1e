import './bench.ts';
import { SetUpElement } from './bench/set-up-element.ts';

customElements.define('mptcp-set-up', SetUpElement);
