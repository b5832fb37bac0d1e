import { LabElement } from './lab-element.ts';

customElements.define('mptcp-lab', LabElement);
