import { Annotations, CfnOutput } from 'aws-cdk-lib';
import type { Construct } from 'constructs';

import type { SettingsDocument } from '../../lib/runtime/settings-document.ts';
import { Alarms } from './alarms.ts';
import { ChangeLog } from './change-log.ts';
import { Connection } from './connection.ts';
import { Dashboard } from './dashboard.ts';
import { encryptOnceAllMayDecrypt } from './key-policy.ts';
import { Events } from './events.ts';
import { Lake } from './lake.ts';
import { OnCall } from './on-call.ts';
import { textsOfTeller } from '../../lib/on-call/alarm-texts.ts';
import { queueConcurrencies } from '../settings/queue-concurrency.ts';
import { Tables } from './tables.ts';
import { TellOnCall } from './tell-on-call.ts';
import { Watchdog } from './watchdog.ts';
import { settingsDocumentOf } from '../settings/settings-document.ts';
import type { Settings } from '../settings/settings.ts';

export interface DeploymentParts {
  /** What its functions go by. */
  readonly settings: SettingsDocument;
  readonly tables: Tables;
  /** Null where there is none. */
  readonly changeLog: ChangeLog | null;
}

/**
 * All that a deployment is made of. It stands in `scope` itself, a stack or a construct in one, so that the ids of a stack of its own
 * are those that they have always been.
 *
 * @param unnested how many of the connections are in the stack itself, from the first on; the others get nested stacks
 */
export function addDeploymentParts(scope: Construct, settings: Settings, unnested: number): DeploymentParts {
  const deployment = settings.stackName;
  const { retentionDays, kmsKey: key } = settings;
  const document = settingsDocumentOf(settings);
  if (key !== null) {
    // Nothing looks into the account before it is deployed, and CloudFormation would name a service and not the cure.
    Annotations.of(scope).addInfo(
      'pagekeeper.kmsKey: its own policy has to let this deployment in before it is deployed; npx pagekeeper policy key prints the statements.',
    );
  }
  const tables = new Tables(scope, 'Tables', settings);
  const onCall = new OnCall(scope, 'OnCall', {
    ...{ deployment, targets: settings.onCall, runbook: settings.runbookUrl, key },
  });
  const { fn: teller } = new TellOnCall(scope, 'TellOnCall', {
    ...{ deployment, settings: document, tables, onCall, retentionDays, key },
  });
  const alarms = new Alarms(scope, 'Alarms', { deployment, onCall, teller });
  alarms.onTeller(teller, textsOfTeller(deployment).tellerErrors);
  const concurrencies = queueConcurrencies(settings.connections.map(({ streams }) => streams.length));
  const connections = settings.connections.map(
    (connection, index) =>
      new Connection(scope, `Connection-${connection.name}`, connection, {
        isNested: index >= unnested,
        onCall,
        teller,
        settings: document,
        egress: settings.egress,
        key,
        keepsData: settings.keepsData,
        queueConcurrency: concurrencies[index] ?? 2,
        deployment,
        retentionDays,
        tables,
        alarms,
      }),
  );
  const links = connections.map(({ link }) => link);
  const watchdog = new Watchdog(scope, 'Watchdog', {
    ...{ deployment, settings: document, retentionDays, tables, alarms, onCall, links, key },
  });

  const { changes, keepsData } = settings;
  const { Records: streamArn, Checkpoints: checkpointsStream } = tables.streamArns;
  const changeLog =
    changes === null || streamArn === null
      ? null
      : new ChangeLog(scope, 'Changes', {
          ...{ deployment, settings: document, changes, streamArn },
          ...{ records: tables.records, checkpoints: tables.checkpoints, ticks: watchdog.ticks },
          ...{ retentionDays, key, keepsData, alarms },
        });

  if (changes !== null && changeLog !== null && settings.lake) {
    const { bucket } = changeLog;
    new Lake(scope, 'Lake', { deployment, connections: settings.connections, changes, bucket, key });
  }

  const events =
    checkpointsStream === null
      ? null
      : new Events(scope, 'Events', {
          ...{ deployment, settings: document, streamArn: checkpointsStream, changeLog },
          ...{ retentionDays, key, alarms },
        });

  // The id of the first version: with another one an upgrade would make a second dashboard of the same name.
  new Dashboard(scope, 'Observatory', {
    ...{ deployment, connections, watchdog, tables, changeLog, events },
    alarms: [...alarms.names, ...connections.flatMap((connection) => connection.alarms)],
  });

  new CfnOutput(scope, 'OnCallTopicArn', {
    value: onCall.topics.page.topicArn,
    description: 'Alarms that page on-call are published here; anything may subscribe',
  });
  new CfnOutput(scope, 'TicketsTopicArn', {
    value: onCall.topics.ticket.topicArn,
    description: 'Alarms that can wait for the morning are published here; anything may subscribe',
  });
  new CfnOutput(scope, 'RecordsTableName', { value: tables.records.tableName });
  new CfnOutput(scope, 'CheckpointsTableName', { value: tables.checkpoints.tableName });
  if (key !== null) encryptOnceAllMayDecrypt(scope);
  return { settings: document, tables, changeLog };
}
