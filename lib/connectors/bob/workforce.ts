import type { StreamDefinition } from '../connector.ts';
import { allBut, bodyCursor, field, fieldsOf, search } from './shapes.ts';

const module = 'Workforce planning';

/** Source: the reference of positions, openings and budgets. */
export const workforce: Readonly<Record<string, StreamDefinition>> = {
  positions: search(
    fieldsOf(
      'position',
      'id',
      'name',
      'status',
      'effectiveDate',
      'endEffectiveDate',
      'expectedStartDate',
      'actualStartDate',
      'fte',
      'employmentType',
      'positionType',
      'department',
      'site',
      'jobProfile',
      'filledBy',
      'managerPositionId',
      'recruitmentStatus',
      'hasOpenRequests',
      'reason',
      'budget',
      'modificationDate',
    ),
    {
      about: 'a position, whether somebody fills it or not',
      path: '/objects/position/search',
      // An empty list of filters is refused.
      body: allBut('/position/id'),
      items: { path: [] },
      id: [field('/position/id')],
      paging: { kind: 'none' },
      module,
      grade: 'code',
    },
  ),
  'position-openings': search(
    fieldsOf(
      'positionOpening',
      'id',
      'positionId',
      'positionOpeningName',
      'status',
      'expectedStartDate',
      'actualStartDate',
      'filledBy',
      'recruitmentStatus',
      'updateEffectiveDate',
    ),
    {
      about: 'an opening of a position',
      path: '/positions/position-openings/search',
      // All the statuses that there are.
      body: {
        filters: [
          {
            fieldId: '/positionOpening/status',
            operator: 'equals',
            values: ['vacant', 'starting', 'filled', 'departing'],
          },
        ],
      },
      items: { path: ['positionOpeningEntries'] },
      id: [field('/positionOpening/id')],
      paging: bodyCursor('pagination', { default: 100, max: 100 }),
      module,
      grade: 'vendor',
    },
  ),
  'position-budgets': search(
    fieldsOf(
      'positionBudget',
      'id',
      'expectedBaseSalaryCurrencyValue',
      'expectedVariablePayCurrencyValue',
      'salaryPayPeriod',
      'variablePayPeriod',
      // The specification writes it large, those who use it small; what Bob does not know it leaves out.
      'Currency',
      'currency',
      'totalPositionCostCurrencyValue',
      'convertedTotalCostCurrencyValue',
      'proRatedCostCurrencyValue',
      'updateEffectiveDate',
    ),
    {
      about: 'the budget of a position; the position names it, it does not name the position',
      path: '/positions/position-budget/search',
      body: allBut('/positionBudget/id'),
      items: { path: ['positionBudgetEntries'] },
      id: [field('/positionBudget/id')],
      paging: bodyCursor('pagination', { default: 100, max: 100 }),
      sensitive: true,
      module,
      grade: 'code',
    },
  ),
};
